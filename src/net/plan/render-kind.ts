/** The words of `ip link add ... type KIND` after the kind. */
import { ipvlanModes, ipvlanReaches } from "../../kernel/codec/link-kinds/ipvlan.ts";
import { macvlanModes } from "../../kernel/codec/link-kinds/macvlan.ts";
import type { LinkSpec } from "../links.ts";
import { quote } from "./quote.ts";

const opt = (word: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`${word} ${value}`];
const onOff = (word: string, value: number | undefined): string[] =>
  value === undefined ? [] : [value ? word : `no${word}`];

export const renderKind = ({ info, lower }: Pick<LinkSpec, "info" | "lower">): string => {
  if (!("data" in info) || info.data === undefined) return "";
  if (info.kind === "bridge") {
    const d = info.data;
    return [
      ...opt("forward_delay", d.forwardDelay),
      ...opt("hello_time", d.helloTime),
      ...opt("max_age", d.maxAge),
      ...opt("ageing_time", d.ageingTime),
      ...opt("stp_state", d.stpState),
      ...opt("priority", d.priority),
      ...opt("vlan_filtering", d.vlanFiltering),
      ...opt("vlan_protocol", ethertype(d.vlanProtocol)),
      ...opt("vlan_default_pvid", d.vlanDefaultPvid),
      ...opt("mcast_snooping", d.mcastSnooping),
      ...opt("nf_call_iptables", d.nfCallIptables),
      ...opt("nf_call_ip6tables", d.nfCallIp6tables),
    ].join(" ");
  }
  if (info.kind === "vxlan") {
    const d = info.data;
    return [
      ...opt("id", d.id),
      // For a tunnel the lower device is a word of the kind, not of the link.
      ...(lower === undefined ? [] : [`dev ${quote(lower)}`]),
      ...opt("local", d.local ?? d.local6),
      ...opt("group", d.group ?? d.group6),
      ...opt("dstport", d.port),
      ...opt("ttl", d.ttl),
      ...opt("tos", d.tos),
      ...opt("ageing", d.ageing),
      ...onOff("learning", d.learning),
      ...onOff("proxy", d.proxy),
      ...onOff("rsc", d.rsc),
      ...onOff("l2miss", d.l2miss),
      ...onOff("l3miss", d.l3miss),
      ...onOff("udpcsum", d.udpCsum),
    ].join(" ");
  }
  if (info.kind === "vrf") return opt("table", info.data.table).join(" ");
  if (info.kind === "macvlan") {
    const { mode, bcQueueLen } = info.data;
    return [...opt("mode", wordOf(macvlanModes, mode)), ...opt("bcqueuelen", bcQueueLen)].join(" ");
  }
  if (info.kind === "ipvlan") {
    const { mode, flags } = info.data;
    return [...opt("mode", wordOf(ipvlanModes, mode)), wordOf(ipvlanReaches, flags) ?? ""].filter(Boolean).join(" ");
  }
  if (info.kind === "vlan")
    return [...opt("protocol", ethertype(info.data.protocol)), ...opt("id", info.data.id)].join(" ");
  return "";
};

const wordOf = (words: Readonly<Record<string, number>>, value: number | undefined): string | undefined =>
  Object.entries(words).find(([, n]) => n === value)?.[0];

/** As `ip` spells the protocol of a VLAN's tag. */
const ethertype = (protocol: number | undefined): string | undefined =>
  protocol === undefined ? undefined : protocol === 0x88a8 ? "802.1ad" : "802.1Q";
