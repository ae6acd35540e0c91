/** VLANs of bridge ports: the verbs of `bridge vlan`. */

import { F } from "../kernel/codec/message.ts";
import { BRIDGE_VLAN, bridgeAfSpec, link, RTM_LINK } from "../kernel/codec/route/link.ts";
import type { Op } from "../kernel/os/syscall.ts";
import type { Netns } from "./kernel.ts";
import { linkIndex } from "./links.ts";

export interface VlanSpec {
  /** Name of the port, or of the bridge itself with `self`. */
  readonly link: string;
  /** 1 to 4094. */
  readonly vid: number;
  /** Last of a range that starts at `vid`. */
  readonly end?: number;
  /** Untagged frames that come in belong to it. */
  readonly pvid?: boolean;
  /** Its frames leave untagged. */
  readonly untagged?: boolean;
  /** On the bridge device itself rather than on a port. */
  readonly self?: boolean;
}

export interface Vlan {
  /** Index of the port. */
  readonly link: number;
  readonly vid: number;
  readonly pvid: boolean;
  readonly untagged: boolean;
}

const AF_BRIDGE = 7;
const BRIDGE_FLAGS_MASTER = 1;
const BRIDGE_FLAGS_SELF = 2;
const RTEXT_FILTER_BRVLAN = 2;

const message = (ns: Netns, v: VlanSpec): Uint8Array => {
  const flags = (v.pvid ? BRIDGE_VLAN.pvid : 0) | (v.untagged ? BRIDGE_VLAN.untagged : 0);
  const vlans =
    v.end === undefined || v.end === v.vid
      ? [{ vid: v.vid, flags }]
      : [
          { vid: v.vid, flags: flags | BRIDGE_VLAN.rangeBegin },
          { vid: v.end, flags: flags | BRIDGE_VLAN.rangeEnd },
        ];
  const bridgeFlags = v.self ? BRIDGE_FLAGS_SELF : BRIDGE_FLAGS_MASTER;
  return link.write({
    family: AF_BRIDGE,
    index: linkIndex(ns, v.link),
    afSpec: bridgeAfSpec.write(v.self ? { bridgeFlags, vlans } : { vlans }),
  });
};

export const addVlan = (ns: Netns, v: VlanSpec, op: Op): void => {
  ns.rt.request({ type: RTM_LINK.set, flags: F.create, op, payload: message(ns, v), locate: link.locate });
};
export const delVlan = (ns: Netns, v: VlanSpec, op: Op): void => {
  ns.rt.request({ type: RTM_LINK.del, op, payload: message(ns, v), locate: link.locate });
};

/** `bridge vlan`: one entry for each VLAN of each port. Empty when the kernel's bridge knows no VLANs. */
export const listVlans = (ns: Netns): Vlan[] =>
  ns.rt
    .dump({
      type: RTM_LINK.get,
      op: "bridge vlan",
      payload: link.write({ family: AF_BRIDGE, extMask: RTEXT_FILTER_BRVLAN }),
    })
    .map((m) => link.read(m.payload))
    .flatMap((m) =>
      (m.afSpec ? (bridgeAfSpec.read(m.afSpec).vlans ?? []) : []).map((v) => ({
        link: m.index,
        vid: v.vid,
        pvid: (v.flags & BRIDGE_VLAN.pvid) !== 0,
        untagged: (v.flags & BRIDGE_VLAN.untagged) !== 0,
      })),
    );
