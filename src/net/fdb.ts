/** The forwarding database of bridges and VXLANs: the verbs of `bridge fdb`. */

import type { Ip } from "../base/ip.ts";
import type { Mac } from "../base/mac.ts";
import { F } from "../kernel/codec/message.ts";
import { NTF, neighbour, nudStates, RTM_NEIGH } from "../kernel/codec/route/neighbour.ts";
import type { Op } from "../kernel/os/syscall.ts";
import type { Netns } from "./kernel.ts";
import { linkIndex } from "./links.ts";

export interface FdbSpec {
  readonly mac: Mac;
  /** Name of the port, or of the VXLAN device with `self`. */
  readonly link: string;
  /** Remote tunnel end (VXLAN). */
  readonly dst?: Ip;
  readonly vlan?: number;
  /** In the device's own table; else in its bridge's. */
  readonly self?: boolean;
  /** Local to this host, as `bridge fdb ... permanent`; else static. */
  readonly permanent?: boolean;
}

export interface FdbEntry {
  readonly mac: Mac;
  readonly link: number;
  readonly dst?: Ip;
  readonly vlan?: number;
  readonly master?: number;
  /** In the device's own table (NTF_SELF). */
  readonly self: boolean;
  /** NUD_* bits. */
  readonly state: number;
}

const AF_BRIDGE = 7;
const message = (ns: Netns, f: FdbSpec): Uint8Array =>
  neighbour.write({
    family: AF_BRIDGE,
    ifindex: linkIndex(ns, f.link),
    // VXLAN refuses an entry that is neither permanent nor reachable; a bridge calls a noarp one static.
    state: nudStates.noarp | (f.permanent ? nudStates.permanent : nudStates.reachable),
    flags: f.self ? NTF.self : NTF.master,
    lladdr: f.mac,
    dst: f.dst,
    vlan: f.vlan,
  });

export const appendFdb = (ns: Netns, f: FdbSpec, op: Op): void => {
  ns.rt.request({
    type: RTM_NEIGH.new,
    flags: F.create | F.append,
    op,
    payload: message(ns, f),
    locate: neighbour.locate,
  });
};
export const delFdb = (ns: Netns, f: FdbSpec, op: Op): void => {
  ns.rt.request({ type: RTM_NEIGH.del, op, payload: message(ns, f), locate: neighbour.locate });
};

/** `bridge fdb` */
export const listFdb = (ns: Netns): FdbEntry[] =>
  ns.rt
    .dump({ type: RTM_NEIGH.get, op: "bridge fdb", payload: neighbour.write({ family: AF_BRIDGE }) })
    .map((m) => neighbour.read(m.payload))
    .flatMap((m) =>
      m.lladdr === undefined
        ? []
        : [
            {
              mac: m.lladdr,
              link: m.ifindex,
              state: m.state,
              self: (m.flags & NTF.self) !== 0,
              ...(m.dst ? { dst: m.dst } : {}),
              ...(m.vlan === undefined ? {} : { vlan: m.vlan }),
              ...(m.master === undefined ? {} : { master: m.master }),
            },
          ],
    );
