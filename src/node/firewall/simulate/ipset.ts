/** Whether a packet's address is in an ipset. */
import { contains } from "../../../base/cidr.ts";
import { family } from "../../../base/ip.ts";
import type { Maybe } from "./bits.ts";
import type { Machine } from "./machine.ts";
import { addressOf } from "./state.ts";

export interface IpsetQuestion {
  readonly index: number;
  readonly sides: readonly ("src" | "dst")[];
  readonly not: boolean;
}

/** Only sets of addresses can be answered; of one with ports, or links, too, nothing is said. */
export const inIpset = (m: Machine, x: IpsetQuestion): Maybe => {
  const set = m.ruleset.ipsets.get(x.index);
  const [side] = x.sides;
  if (!set?.networks || side === undefined || x.sides.length !== 1) return undefined;
  const ip = addressOf(m.state, side);
  if (ip === undefined) return undefined;
  // The longest prefix that holds it decides: an entry can say that it is not in the set.
  const found = set.networks
    .filter((n) => family(n.ip) === family(ip) && contains(n, ip))
    .sort((a, b) => b.prefix - a.prefix)[0];
  return (found !== undefined && !found.not) !== x.not;
};
