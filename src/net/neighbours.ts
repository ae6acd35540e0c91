/** Neighbours: the verbs of `ip neighbour`. */

import { FaultError } from "../base/fault.ts";
import { family, type Ip } from "../base/ip.ts";
import type { Mac } from "../base/mac.ts";
import { F } from "../kernel/codec/message.ts";
import { type NeighbourMessage, neighbour, nudStates, RTM_NEIGH } from "../kernel/codec/route/neighbour.ts";
import type { Op } from "../kernel/os/syscall.ts";
import { AF } from "./addresses.ts";
import type { Netns } from "./kernel.ts";
import { linkIndex } from "./links.ts";
import { podwireProtocol } from "./routes.ts";

export interface NeighbourSpec {
  readonly ip: Ip;
  readonly link: string;
  readonly mac?: Mac;
  /** Default: permanent. */
  readonly state?: keyof typeof nudStates;
  /** Default: `podwireProtocol`. */
  readonly protocol?: number;
}

export interface Neighbour {
  readonly ip: Ip;
  readonly link: number;
  readonly mac?: Mac;
  /** NUD_* bits. */
  readonly state: number;
  /** Who made it; 0 when it did not say. */
  readonly protocol: number;
}

const message = (ns: Netns, n: NeighbourSpec): Uint8Array =>
  neighbour.write({
    family: AF[family(n.ip)],
    ifindex: linkIndex(ns, n.link),
    state: nudStates[n.state ?? "permanent"],
    dst: n.ip,
    lladdr: n.mac,
    protocol: n.protocol ?? podwireProtocol,
  });

export const replaceNeighbour = (ns: Netns, n: NeighbourSpec, op: Op): void => {
  ns.rt.request({
    type: RTM_NEIGH.new,
    flags: F.create | F.replace,
    op,
    payload: message(ns, n),
    locate: neighbour.locate,
  });
};
export const delNeighbour = (ns: Netns, n: NeighbourSpec, op: Op): void => {
  ns.rt.request({ type: RTM_NEIGH.del, op, payload: message(ns, n), locate: neighbour.locate });
};

const fromMessage = (m: NeighbourMessage): Neighbour[] =>
  m.dst === undefined
    ? []
    : [
        {
          ip: m.dst,
          link: m.ifindex,
          state: m.state,
          protocol: m.protocol ?? 0,
          ...(m.lladdr ? { mac: m.lladdr } : {}),
        },
      ];

/** `ip neighbour get`; undefined when there is none. */
export const findNeighbour = (ns: Netns, n: NeighbourSpec): Neighbour | undefined => {
  const op = `ip neighbour get ${n.ip} dev ${n.link}`;
  const payload = neighbour.write({ family: AF[family(n.ip)], ifindex: linkIndex(ns, n.link), dst: n.ip });
  try {
    const m = ns.rt.get({ type: RTM_NEIGH.get, op, payload, locate: neighbour.locate });
    return fromMessage(neighbour.read(m.payload))[0];
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "ENOENT")
      return undefined;
    throw error;
  }
};

/** `ip neighbour show nud all`: both families. */
export const listNeighbours = (ns: Netns): Neighbour[] =>
  ns.rt
    .dump({ type: RTM_NEIGH.get, op: "ip neighbour", payload: neighbour.write({}) })
    .flatMap((m) => fromMessage(neighbour.read(m.payload)));

/** Drops entries, those that have gone by themselves meanwhile too: `ip neighbour del IP dev LINK` for each. */
export const forgetNeighbours = (ns: Netns, gone: readonly Pick<Neighbour, "ip" | "link">[]): void => {
  ns.rt.batch(
    gone.map((n) => ({
      type: RTM_NEIGH.del,
      op: `ip neighbour del ${n.ip}`,
      payload: neighbour.write({ family: AF[family(n.ip)], ifindex: n.link, dst: n.ip }),
    })),
  );
};
