/** An address with a prefix length. Host bits are kept (`10.1.2.5/24`): an interface address has them, a subnet must not. */
import { FaultError } from "./fault.ts";
import { bitsOf, type Family, family, type Ip, ipBytes, ipFromBig, ipFromBytes, ipToBig, tryIp } from "./ip.ts";

export interface Cidr {
  readonly ip: Ip;
  /** Leading bits that name the network: 0 to 32 or 0 to 128. */
  readonly prefix: number;
}

export const cidrFamily = (c: Cidr): Family => family(c.ip);
export const cidrText = (c: Cidr): string => `${c.ip}/${c.prefix}`;
/** /32 or /128 of one address. */
export const hostCidr = (ip: Ip): Cidr => ({ ip, prefix: bitsOf(family(ip)) });

export const tryCidr = (text: string): Cidr | undefined => {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const ip = tryIp(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  const prefix = Number(digits);
  // Its own spelling: no sign, no blanks, no leading zeros.
  if (!ip || String(prefix) !== digits || !(prefix >= 0 && prefix <= bitsOf(family(ip)) && Number.isInteger(prefix)))
    return undefined;
  return { ip, prefix };
};

/** @throws FaultError bad-value, naming `what`. */
export const parseCidr = (text: string, what = "CIDR"): Cidr => {
  const c = tryCidr(text);
  if (!c)
    throw new FaultError({
      kind: "bad-value",
      what,
      got: JSON.stringify(text),
      want: "an address and prefix such as 10.244.0.0/24",
    });
  return c;
};

/** The address with its host bits all set, or all cleared. */
const withHostBits = (c: Cidr, set: boolean): Ip => {
  const b = ipBytes(c.ip);
  for (let i = 0; i < b.length; i++) {
    const networkBits = Math.min(Math.max(c.prefix - 8 * i, 0), 8);
    const host = 255 >> networkBits;
    b[i] = set ? b[i]! | host : b[i]! & ~host;
  }
  return ipFromBytes(b);
};

/** The first address: host bits cleared. */
export const networkOf = (c: Cidr): Ip => withHostBits(c, false);
/** The last address: host bits set (the broadcast address of an IPv4 subnet). */
export const lastOf = (c: Cidr): Ip => withHostBits(c, true);
export const hasHostBits = (c: Cidr): boolean => networkOf(c) !== c.ip;

export const contains = (c: Cidr, ip: Ip): boolean =>
  cidrFamily(c) === family(ip) && networkOf(c) === networkOf({ ip, prefix: c.prefix });

export const overlaps = (a: Cidr, b: Cidr): boolean =>
  cidrFamily(a) === cidrFamily(b) && (a.prefix <= b.prefix ? contains(a, b.ip) : contains(b, a.ip));

/** Whether all of `inner` is in `outer`. */
export const covers = (outer: Cidr, inner: Cidr): boolean => outer.prefix <= inner.prefix && overlaps(outer, inner);
export const sameCidr = (a: Cidr, b: Cidr): boolean => a.ip === b.ip && a.prefix === b.prefix;

/** The n-th subnet (from 0) of length `prefix` inside `c`; undefined when there is none. */
export const nthSubnet = (c: Cidr, prefix: number, n: number): Cidr | undefined => {
  const bits = bitsOf(cidrFamily(c));
  if (prefix < c.prefix || prefix > bits || BigInt(n) >= 1n << BigInt(prefix - c.prefix)) return undefined;
  return { ip: ipFromBig(ipToBig(networkOf(c)) + (BigInt(n) << BigInt(bits - prefix)), cidrFamily(c)), prefix };
};
