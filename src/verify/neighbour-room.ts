/**
 * Keeps the machine's neighbour table from overflowing: 100 pods on one bridge would leave 9,900 entries in a table that
 * takes 1,024 by default, and what is lost then looks like a broken path. Entries that were not there before us are
 * dropped again when room gets short, and at the end.
 */
import type { Family } from "../base/ip.ts";
import { nudStates } from "../kernel/codec/route/neighbour.ts";
import { readSysctl } from "../kernel/os/sysctl.ts";
import type { Netns } from "../net/kernel.ts";
import { forgetNeighbours, listNeighbours, type Neighbour } from "../net/neighbours.ts";
import { neighbourEntries, neighbourOverflows } from "./neighbour-stat.ts";

export interface NeighbourRoom extends Disposable {
  /**
   * May that many more pairs begin to talk? Not while the table is nearly full and others still talk: dropping an entry
   * loses what waits for it. When `idle`, room is made and the answer is yes.
   */
  ready(f: Family, pairs: number, idle: boolean): boolean;
  /** What to tell when the table was full in spite of it. */
  notes(): string[];
}

const families = [4, 6] as const;
const sysctl = (f: Family): string => `net.ipv${f}.neigh.default.gc_thresh3`;
/** The kernel's default; the real one can be read in the machine's first namespace only. */
const DEFAULT_LIMIT = 1024;
/** Both ends of a pair learn the other. */
const ENTRIES_PER_PAIR = 2;

const key = (n: Neighbour): string => `${n.link} ${n.ip}`;
const lasting = nudStates.permanent | nudStates.noarp;

/** `pairs`: how many will talk altogether, to see beforehand whether there is anything to do. */
export const openNeighbourRoom = (doors: readonly Netns[], pairs: number): NeighbourRoom => {
  const limits = new Map<Family, number>(families.map((f) => [f, Number(readSysctl(sysctl(f))) || DEFAULT_LIMIT]));
  const fulls = new Map(families.map((f) => [f, neighbourOverflows(f)]));
  // Where the kernel does not tell, what we can have added since room was last made.
  const added = new Map<Family, number>();
  const short = (f: Family, more: number): boolean =>
    (neighbourEntries(f) ?? added.get(f) ?? 0) + ENTRIES_PER_PAIR * more > limits.get(f)! * 0.9;
  const tight = families.some((f) => short(f, pairs));
  const namespaces = tight ? [...new Set(doors)] : [];
  const before = new Map(namespaces.map((ns) => [ns, new Set(listNeighbours(ns).map(key))]));
  const relieve = (): void => {
    added.clear();
    for (const [ns, old] of before)
      forgetNeighbours(
        ns,
        listNeighbours(ns).filter((n) => !(n.state & lasting) && !old.has(key(n))),
      );
  };
  return {
    ready: (f, more, idle) => {
      if (!tight) return true;
      const full = short(f, more);
      if (full && !idle) return false;
      if (full) relieve();
      added.set(f, (added.get(f) ?? 0) + ENTRIES_PER_PAIR * more);
      return true;
    },
    notes: () =>
      families.flatMap((f) => {
        const times = neighbourOverflows(f) - fulls.get(f)!;
        const mend = `sysctl -w ${sysctl(f)}=16384`;
        return times > 0
          ? [`the machine's IPv${f} neighbour table was full ${times} times and packets were lost: ${mend}`]
          : [];
      }),
    [Symbol.dispose]: relieve,
  };
};
