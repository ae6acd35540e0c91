/** CHECK of VLANs: of a pod's port none missing and none too many, of a gateway's port its own. Pure. */
import type { Vlan } from "../../../net/bridge-vlans.ts";
import type { Link } from "../../../net/links.ts";
import type { Findings } from "../../findings.ts";
import type { BridgeConfig } from "./config.ts";

const word = (v: Pick<Vlan, "vid" | "pvid" | "untagged">): string =>
  `${v.vid}${v.pvid ? " pvid" : ""}${v.untagged ? " untagged" : ""}`;

/** `all` is the VLANs of every port. */
export const checkVlans = (c: BridgeConfig, host: Link, all: readonly Vlan[], found: Findings): void => {
  const seen = all.filter((v) => v.link === host.index);
  const access = c.vlan === undefined ? [] : [{ vid: c.vlan, pvid: true, untagged: true }];
  const tagged = c.trunk
    .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
    .filter((vid) => vid !== c.vlan)
    .map((vid) => ({ vid, pvid: false, untagged: false }));
  const wanted = [...access, ...tagged];
  const has = (list: readonly Pick<Vlan, "vid" | "pvid" | "untagged">[], v: string): boolean =>
    list.some((x) => word(x) === v);
  const missing = wanted.map(word).filter((v) => !has(seen, v));
  // The default VLAN, when it was to stay, is whatever the bridge gave.
  const extra = c.keepDefaultVlan ? [] : seen.map(word).filter((v) => !has(wanted, v));
  if (missing.length > 0 || extra.length > 0)
    found.differs(`VLANs of ${host.name}`, list(seen.map(word)), list(wanted.map(word)));
};

/** The VLAN of a gateway that is a veth: of its other end, which is the bridge's port. */
export const checkGatewayVlan = (vid: number, gateway: Link, all: readonly Vlan[], found: Findings): void => {
  if (gateway.kind !== "veth" || gateway.peer === undefined) return;
  const wanted = word({ vid, pvid: true, untagged: true });
  const seen = all.filter((v) => v.link === gateway.peer).map(word);
  if (!seen.includes(wanted)) found.differs(`VLANs of the port of ${gateway.name}`, list(seen), wanted);
};

const list = (words: readonly string[]): string => words.join(", ") || "none";
