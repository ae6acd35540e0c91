/** The words of `ip link add ... type KIND` after the kind. */
import { macvlanModes } from "../../kernel/codec/link-kinds/macvlan.ts";
import type { LinkSpec } from "../links.ts";

const opt = (word: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`${word} ${value}`];
const onOff = (word: string, value: number | undefined): string[] =>
  value === undefined ? [] : [value ? word : `no${word}`];

export const renderKind = (info: LinkSpec["info"]): string => {
  if (!("data" in info) || info.data === undefined) return "";
  if (info.kind === "bridge") {
    const d = info.data;
    return [
      ...opt("forward_delay", d.forwardDelay),
      ...opt("ageing_time", d.ageingTime),
      ...opt("stp_state", d.stpState),
      ...opt("vlan_filtering", d.vlanFiltering),
      ...opt("vlan_default_pvid", d.vlanDefaultPvid),
      ...opt("mcast_snooping", d.mcastSnooping),
    ].join(" ");
  }
  if (info.kind === "vxlan") {
    const d = info.data;
    return [
      ...opt("id", d.id),
      ...opt("local", d.local ?? d.local6),
      ...opt("group", d.group ?? d.group6),
      ...opt("dstport", d.port),
      ...opt("ttl", d.ttl),
      ...onOff("learning", d.learning),
      ...onOff("proxy", d.proxy),
    ].join(" ");
  }
  const mode = Object.entries(macvlanModes).find(([, n]) => "mode" in info.data! && n === info.data.mode)?.[0];
  return mode ? `mode ${mode}` : "";
};
