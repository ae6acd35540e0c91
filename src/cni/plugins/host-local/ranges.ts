/** host-local's ranges: defaults filled in, everything that cannot be right refused by its key. Pure. */
import {
  type Cidr,
  cidrFamily,
  cidrText,
  contains,
  hasHostBits,
  lastOf,
  networkOf,
  parseCidr,
} from "../../../base/cidr.ts";
import { bitsOf, compareIp, family, type Ip, ipAdd, parseIp } from "../../../base/ip.ts";
import { badConfig, type Reader } from "../../../base/json-read.ts";

/** Addresses that may be given out: `start` to `end`, both included, without `gateway`. */
export interface Range {
  readonly subnet: Cidr;
  readonly start: Ip;
  readonly end: Ip;
  /** Absent only for a /31 or /127 without one: both its addresses are usable (RFC 3021, RFC 6164). */
  readonly gateway?: Ip;
}

/** Ranges of one family; an attachment gets one address of each set. */
export type RangeSet = readonly Range[];

export const rangeText = (r: Range): string => `${r.start}-${r.end}`;
export const setText = (set: RangeSet): string => set.map(rangeText).join(", ");

export const inRange = (r: Range, ip: Ip): boolean =>
  family(ip) === family(r.start) && compareIp(r.start, ip) <= 0 && compareIp(ip, r.end) <= 0;
export const rangeOf = (set: RangeSet, ip: Ip): Range | undefined => set.find((r) => inRange(r, ip));

const meet = (a: Range, b: Range): boolean => inRange(a, b.start) || inRange(b, a.start);

/** One {subnet, rangeStart, rangeEnd, gateway}. @throws FaultError bad-config, bad-value */
export const parseRange = (r: Reader): Range => {
  const subnet = parseCidr(r.needString("subnet"), r.path("subnet"));
  checkSubnet(subnet, r.path("subnet"));
  const bound = (key: string, otherwise: Ip): Ip => {
    const ip = r.parsed(key, parseIp) ?? otherwise;
    if (!contains(subnet, ip)) throw badConfig(r.path(key), `${ip} is not in subnet ${cidrText(subnet)}`);
    return ip;
  };
  const pair = subnet.prefix === bitsOf(cidrFamily(subnet)) - 1;
  const start = bound("rangeStart", pair ? networkOf(subnet) : ipAdd(networkOf(subnet), 1));
  const broadcast = cidrFamily(subnet) === 4 && !pair;
  const end = bound("rangeEnd", broadcast ? ipAdd(lastOf(subnet), -1) : lastOf(subnet));
  if (compareIp(start, end) > 0) {
    const at = r.value("rangeStart") === undefined ? "rangeEnd" : "rangeStart";
    throw badConfig(r.path(at), `the range starts at ${start}, after its end ${end}`);
  }
  const gateway = r.parsed("gateway", parseIp) ?? (pair ? undefined : ipAdd(networkOf(subnet), 1));
  if (gateway && family(gateway) !== cidrFamily(subnet))
    throw badConfig(r.path("gateway"), `${gateway} is not of the family of subnet ${cidrText(subnet)}`);
  return { subnet, start, end, ...(gateway && { gateway }) };
};

const checkSubnet = (subnet: Cidr, at: string): void => {
  const bits = bitsOf(cidrFamily(subnet));
  if (subnet.prefix === bits)
    throw badConfig(
      at,
      `${cidrText(subnet)} is one address, too small to allocate from: give the subnet it is in, with rangeStart and rangeEnd ${subnet.ip}`,
    );
  if (hasHostBits(subnet))
    throw badConfig(at, `${cidrText(subnet)} has host bits set, the network is ${networkOf(subnet)}/${subnet.prefix}`);
};

/** A set with the path of its key. */
export interface FoundSet {
  readonly at: string;
  readonly ranges: readonly { readonly at: string; readonly range: Range }[];
}

/** @throws FaultError bad-config: empty set, mixed families, ranges that overlap inside a set or between two sets */
export const checkSets = (sets: readonly FoundSet[]): readonly RangeSet[] => {
  for (const { at, ranges } of sets) {
    const first = ranges[0];
    if (!first) throw badConfig(at, "a range set needs at least one range");
    for (const r of ranges)
      if (family(r.range.start) !== family(first.range.start))
        throw badConfig(
          `${r.at}.subnet`,
          `${cidrText(r.range.subnet)} is not of the family of ${cidrText(first.range.subnet)}: each family has a set of its own`,
        );
  }
  const all = sets.flatMap((s) => s.ranges);
  for (const [i, b] of all.entries())
    for (const a of all.slice(0, i))
      if (meet(a.range, b.range))
        throw badConfig(b.at, `${rangeText(b.range)} overlaps ${rangeText(a.range)} of ${a.at}`);
  return sets.map((s) => s.ranges.map((r) => r.range));
};
