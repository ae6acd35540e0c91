/** IP addresses as canonical text: RFC 5952 for IPv6, dotted quad for IPv4. Values only, no I/O. */
import { FaultError } from "./fault.ts";

declare const ip4: unique symbol;
declare const ip6: unique symbol;
export type Ipv4 = string & { readonly [ip4]: true };
export type Ipv6 = string & { readonly [ip6]: true };
/** An address in its one canonical spelling, so `===` compares addresses. */
export type Ip = Ipv4 | Ipv6;
export type Family = 4 | 6;

export const family = (ip: Ip): Family => (ip.includes(":") ? 6 : 4);
/** Width of an address in bits: 32 or 128. */
export const bitsOf = (f: Family): 32 | 128 => (f === 4 ? 32 : 128);

/** A decimal number from 0 to 255. Leading zeros are refused, as Go does since 1.17: some read 010 as octal. */
const byteOf = (text: string): number | undefined => {
  const n = text.length > 0 && text.length <= 3 ? Number(text) : Number.NaN;
  return n <= 255 && String(n) === text ? n : undefined;
};

// Plain loops here and below, no patterns and no BigInt: in a plugin each of these functions runs a few times, and what
// the engine makes ready for the first use of a pattern or a callback costs more than all of them.
const bytes4 = (text: string): Uint8Array | undefined => {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const out = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const byte = byteOf(parts[i]!);
    if (byte === undefined) return undefined;
    out[i] = byte;
  }
  return out;
};

const bytes6 = (text: string): Uint8Array | undefined => {
  let head = text;
  let quad: Uint8Array | undefined;
  const colon = text.lastIndexOf(":");
  if (text.slice(colon + 1).includes(".")) {
    quad = bytes4(text.slice(colon + 1));
    if (!quad || colon < 0) return undefined;
    head = `${text.slice(0, colon + 1)}0:0`;
  }
  const halves = head.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((h) => (h === "" ? [] : h.split(":")));
  const left = groups[0] ?? [];
  const right = groups[1] ?? [];
  const count = left.length + right.length;
  if (halves.length === 2 ? count > 7 : count !== 8) return undefined;
  const all = [...left, ...Array<string>(8 - count).fill("0"), ...right];
  const out = new Uint8Array(16);
  for (const [i, group] of all.entries()) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const n = Number.parseInt(group, 16);
    out[2 * i] = n >> 8;
    out[2 * i + 1] = n & 255;
  }
  if (quad) out.set(quad, 12);
  return out;
};

const mapped = (b: Uint8Array): boolean => {
  for (let i = 0; i < 10; i++) if (b[i] !== 0) return false;
  return b[10] === 255 && b[11] === 255;
};

/**
 * Address from 4 or 16 bytes in network order.
 * @throws FaultError bad-value for any other length.
 */
export const ipFromBytes = (b: Uint8Array): Ip => {
  if (b.length === 4) return `${b[0]}.${b[1]}.${b[2]}.${b[3]}` as Ipv4;
  if (b.length !== 16)
    throw new FaultError({ kind: "bad-value", what: "IP address", got: `${b.length} bytes`, want: "4 or 16 bytes" });
  if (mapped(b)) return `::ffff:${b[12]}.${b[13]}.${b[14]}.${b[15]}` as Ipv6;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((b[i]! << 8) | b[i + 1]!);
  // RFC 5952 4.2: the longest run of two or more zero groups, the first of equals.
  let best = { at: -1, len: 1 };
  for (let i = 0; i < 8; i++) {
    let len = 0;
    while (i + len < 8 && groups[i + len] === 0) len++;
    if (len > best.len) best = { at: i, len };
    if (len > 0) i += len - 1;
  }
  const hex = groups.map((g) => g.toString(16));
  if (best.at < 0) return hex.join(":") as Ipv6;
  return `${hex.slice(0, best.at).join(":")}::${hex.slice(best.at + best.len).join(":")}` as Ipv6;
};

/** The 4 or 16 bytes of an address, network order. */
export const ipBytes = (ip: Ip): Uint8Array => (family(ip) === 4 ? bytes4(ip)! : bytes6(ip)!);

/** Parses any spelling to the canonical one; undefined when it is not an address. IPv4-mapped IPv6 stays IPv6. */
export const tryIp = (text: string): Ip | undefined => {
  const b = text.includes(":") ? bytes6(text) : bytes4(text);
  return b && ipFromBytes(b);
};

/** @throws FaultError bad-value, naming `what`. */
export const parseIp = (text: string, what = "IP address"): Ip => {
  const ip = tryIp(text);
  if (!ip)
    throw new FaultError({
      kind: "bad-value",
      what,
      got: JSON.stringify(text),
      want: "an address such as 10.244.0.1 or fd00::1",
    });
  return ip;
};

/** The address as an unsigned number of 32 or 128 bits. */
export const ipToBig = (ip: Ip): bigint => {
  let n = 0n;
  for (const byte of ipBytes(ip)) n = (n << 8n) | BigInt(byte);
  return n;
};

export const ipFromBig = (n: bigint, f: Family): Ip => {
  const out = new Uint8Array(f === 4 ? 4 : 16);
  for (let i = out.length - 1, rest = n; i >= 0; i--, rest >>= 8n) out[i] = Number(rest & 255n);
  return ipFromBytes(out);
};

/** The address `by` further on (negative: before), wrapping at the family's width. */
export const ipAdd = (ip: Ip, by: number): Ip => {
  const b = ipBytes(ip);
  for (let i = b.length - 1, carry = by; i >= 0 && carry !== 0; i--) {
    const sum = b[i]! + carry;
    b[i] = sum & 255;
    carry = Math.floor(sum / 256);
  }
  return ipFromBytes(b);
};

/** Below zero, zero or above: IPv4 before IPv6, then by number. */
export const compareIp = (a: Ip, b: Ip): number => {
  const x = ipBytes(a);
  const y = ipBytes(b);
  if (x.length !== y.length) return x.length - y.length;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return 0;
};

/** fe80::/10 (RFC 4291 2.5.6). */
export const isLinkLocal6 = (ip: Ip): boolean => family(ip) === 6 && /^fe[89ab]/.test(ip);
export const isLoopback = (ip: Ip): boolean => (family(ip) === 4 ? ip.startsWith("127.") : ip === "::1");
