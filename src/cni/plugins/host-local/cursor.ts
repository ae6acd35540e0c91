/** The order in which a set's addresses are tried: round robin from the last one given out. Pure. */
import { type Ip, ipAdd } from "../../../base/ip.ts";
import { inRange, type Range, type RangeSet } from "./ranges.ts";

export interface Candidate {
  readonly ip: Ip;
  readonly range: Range;
}

/** Looks at a candidate; true ends the search. */
export type Take = (ip: Ip, range: Range) => boolean;

/**
 * From the address after `last` to the end, then from the beginning up to `last`; gateways are left out. True when one
 * was taken.
 */
export const tryCandidates = (set: RangeSet, last: Ip | undefined, take: Take): boolean => {
  const at = last === undefined ? -1 : set.findIndex((r) => inRange(r, last));
  if (last === undefined || at < 0) return set.some((range) => walk(range, range.start, range.end, take));
  const here = set[at]!;
  if (last !== here.end && walk(here, ipAdd(last, 1), here.end, take)) return true;
  for (let i = 1; i < set.length; i++) {
    const range = set[(at + i) % set.length]!;
    if (walk(range, range.start, range.end, take)) return true;
  }
  return walk(here, here.start, last, take);
};

const walk = (range: Range, from: Ip, to: Ip, take: Take): boolean => {
  for (let ip = from; ; ip = ipAdd(ip, 1)) {
    if (ip !== range.gateway && take(ip, range)) return true;
    if (ip === to) return false;
  }
};
