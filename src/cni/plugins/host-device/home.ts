/** A device's way home: out of the pod, under its own name, as it was. */
import { FaultError, faultMessage, faultOf } from "../../../base/fault.ts";
import { IFF } from "../../../kernel/codec/route/link.ts";
import { apply } from "../../../net/apply.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, type Link, type LinkChange, needLink } from "../../../net/links.ts";
import { regain } from "../../../net/losses.ts";
import type { Step } from "../../../net/plan/step.ts";
import type { Memory } from "./memory.ts";

/** Where a device is now. */
export interface Place {
  /** Path of its namespace; empty is the host's. */
  readonly in: string;
  readonly link: Link;
}

export interface HomeGround {
  readonly kernel: Kernel;
  readonly log: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const set = (into: string, name: string, change: LinkChange): Step => ({
  do: "link.set",
  in: into,
  name,
  set: change,
  fresh: true,
});

/**
 * Brings it to the host under the name `device`, or one like it when that is taken, and gives back what it was as far as
 * that is remembered. The mark goes last, so that what is broken off here is taken up again by the next to come along.
 * @throws FaultError when it cannot be moved, or the kernel has no room now
 */
export const bringHome = (g: HomeGround, place: Place, device: string, memory: Memory | undefined): void => {
  const name = freeName(g.kernel, device, place);
  if (name !== device) g.log(`${device} comes back as ${name}: another link of the host has its name now`);
  apply(g.kernel, moveSteps(g.kernel, place, name));
  if (memory) giveBack(g, memory, name);
  apply(g.kernel, [set("", name, { alias: memory?.alias ?? "" })]);
};

const moveSteps = (kernel: Kernel, { in: from, link }: Place, name: string): Step[] => {
  const down = link.up ? [set(from, link.name, { up: false })] : [];
  if (from === "") return [...down, ...(link.name === name ? [] : [set("", link.name, { name })])];
  // Renamed before it comes: what watches the host's links (udev, NetworkManager) sees it under one name only.
  const free = link.name === name || !findLink(kernel.open(from), name);
  return free
    ? [...down, ...(link.name === name ? [] : [set(from, link.name, { name })]), set(from, name, { netns: "" })]
    : [...down, set(from, link.name, { netns: "", name })];
};

/** The name, or the first of NAME.1, NAME.2, ... that no other link of the host has. */
const freeName = (kernel: Kernel, device: string, place: Place): string => {
  const isFree = (name: string): boolean => {
    const there = findLink(kernel.host, name);
    return !there || (place.in === "" && there.index === place.link.index);
  };
  for (let n = 0; ; n++) {
    const tail = n === 0 ? "" : `.${n}`;
    const name = device.slice(0, longest - tail.length) + tail;
    if (isFree(name)) return name;
  }
};
/** IFNAMSIZ without its NUL. */
const longest = 15;

/** In order, since the first address of a subnet is the one that others follow. */
const giveBack = (g: HomeGround, memory: Memory, name: string): void => {
  for (const step of backSteps(g, memory, name))
    try {
      apply(g.kernel, [step]);
    } catch (error) {
      if (isPassing(error)) throw error;
      // What this host takes no more (a bridge that has gone, a route without its gateway) must not keep the pod from going.
      g.log(`${memory.device} is back, but not all of it: ${faultMessage(faultOf(error))}`);
    }
};

const backSteps = ({ kernel, now }: HomeGround, m: Memory, name: string): Step[] => {
  const is = needLink(kernel.host, name);
  const values: readonly LinkChange[] = [
    ...(m.mtu === is.mtu ? [] : [{ mtu: m.mtu }]),
    ...(m.mac === undefined || m.mac === is.mac ? [] : [{ mac: m.mac }]),
    ...(m.promisc === ((is.flags & IFF.promisc) !== 0) ? [] : [{ promisc: m.promisc }]),
    ...(m.allmulti === ((is.flags & IFF.allmulti) !== 0) ? [] : [{ allmulti: m.allmulti }]),
    ...(m.txqlen === undefined || m.txqlen === is.txqlen ? [] : [{ txqlen: m.txqlen }]),
    ...(m.group === is.group ? [] : [{ group: m.group }]),
    ...(m.master === undefined ? [] : [{ master: m.master }]),
    ...(m.up ? [{ up: true }] : []),
  ];
  return [...values.map((v) => set("", name, v)), ...regain("", stillDue(m, name, now))];
};

/** Under the name that it has now, without what was lent for a time that is over. */
const stillDue = (m: Memory, name: string, now: number): Pick<Memory, "addresses" | "routes"> => {
  const gone = Math.max(0, Math.ceil((now - m.at) / 1000));
  const own = <T extends { readonly link?: string }>(x: T): T => (x.link === m.device ? { ...x, link: name } : x);
  return {
    addresses: m.addresses.flatMap(({ lifetime, ...a }) => {
      if (!lifetime) return [own(a)];
      const valid = lifetime.valid - gone;
      const preferred = Math.max(0, lifetime.preferred - gone);
      return valid > 0 ? [own({ ...a, lifetime: { valid, preferred } })] : [];
    }),
    routes: m.routes.map((r) => ({ ...own(r), ...(r.nexthops && { nexthops: r.nexthops.map(own) }) })),
  };
};

const momentary: readonly string[] = ["ENOMEM", "ENOBUFS", "EAGAIN", "EBUSY", "EINTR"];
/** A failure that another try may not have. */
const isPassing = (error: unknown): boolean => {
  if (!(error instanceof FaultError)) return true;
  const { fault } = error;
  return fault.kind === "kernel" ? momentary.includes(fault.errno) : fault.kind !== "not-found";
};
