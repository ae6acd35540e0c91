/** The order in which a set's addresses are tried: round robin from the last one given out. Pure. */
import { family, type Ip, ipFromBig, ipToBig } from "../../../base/ip.ts";
import { inRange, type Range, type RangeSet } from "./ranges.ts";

export interface Candidate {
  readonly ip: Ip;
  readonly range: Range;
}

/** From the address after `last` to the end, then from the beginning up to `last`; gateways are left out. */
export function* candidates(set: RangeSet, last: Ip | undefined): Generator<Candidate> {
  const at = last === undefined ? -1 : set.findIndex((r) => inRange(r, last));
  if (last === undefined || at < 0) {
    for (const range of set) yield* walk(range, range.start, range.end);
    return;
  }
  const here = set[at]!;
  if (last !== here.end) yield* walk(here, ipFromBig(ipToBig(last) + 1n, family(last)), here.end);
  for (let i = 1; i < set.length; i++) {
    const range = set[(at + i) % set.length]!;
    yield* walk(range, range.start, range.end);
  }
  yield* walk(here, here.start, last);
}

function* walk(range: Range, from: Ip, to: Ip): Generator<Candidate> {
  const f = family(from);
  const end = ipToBig(to);
  for (let n = ipToBig(from); n <= end; n++) {
    const ip = ipFromBig(n, f);
    if (ip !== range.gateway) yield { ip, range };
  }
}
