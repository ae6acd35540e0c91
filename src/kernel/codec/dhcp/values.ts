/**
 * What stands in DHCP options: addresses, times, names, routes. A server is believed only as far as its bytes make sense:
 * what does not is left out. Pure.
 */
import { type Cidr, networkOf } from "../../../base/cidr.ts";
import { type Ip, ipFromBytes } from "../../../base/ip.ts";
import { be16, be32 } from "../codec.ts";
import { noIp } from "./message.ts";

type Bytes = Uint8Array | undefined;

export const readIps = (b: Bytes): Ip[] => {
  const out: Ip[] = [];
  for (let at = 0; b && at + 4 <= b.length; at += 4) out.push(ipFromBytes(b.subarray(at, at + 4)));
  return out;
};
export const readIp = (b: Bytes): Ip | undefined => (b?.length === 4 ? ipFromBytes(b) : undefined);
export const readU16 = (b: Bytes): number | undefined => (b?.length === 2 ? be16.read(b) : undefined);
export const readU32 = (b: Bytes): number | undefined => (b?.length === 4 ? be32.read(b) : undefined);

/** Words for a person, such as a NAK's reason: one line of printable text. */
export const readWords = (b: Bytes): string => {
  let text = "";
  for (const byte of b ?? []) if (byte >= 32 && byte < 127) text += String.fromCharCode(byte);
  return text;
};

/** Leading ones of a subnet mask; undefined when there is none, or a one follows a zero. */
export const readPrefix = (b: Bytes): number | undefined => {
  const mask = readU32(b);
  if (mask === undefined) return undefined;
  const prefix = Math.clz32(~mask);
  return prefix === 32 || (prefix > 0 && mask << prefix === 0) ? prefix : undefined;
};

export interface DhcpRoute {
  readonly dst: Cidr;
  /** None: the destination is on the link itself. */
  readonly gw?: Ip;
}

const via = (dst: Cidr, gw: Ip): DhcpRoute => ({ dst, ...(gw !== noIp && { gw }) });

/** Option 121 (RFC 3442): prefix length, as many bytes of the destination as it needs, gateway. */
export const readClasslessRoutes = (b: Bytes): DhcpRoute[] => {
  const out: DhcpRoute[] = [];
  for (let at = 0; b && at < b.length; ) {
    const prefix = b[at]!;
    const bytes = Math.ceil(prefix / 8);
    const next = at + 1 + bytes + 4;
    if (prefix > 32 || next > b.length) break;
    const dst = new Uint8Array(4);
    dst.set(b.subarray(at + 1, at + 1 + bytes));
    out.push(via({ ip: networkOf({ ip: ipFromBytes(dst), prefix }), prefix }, ipFromBytes(b.subarray(next - 4, next))));
    at = next;
  }
  return out;
};

/** Option 33: destination and gateway. The prefix is that of the address's class; one with host bits is a host. */
export const readStaticRoutes = (b: Bytes): DhcpRoute[] => {
  const out: DhcpRoute[] = [];
  for (let at = 0; b && at + 8 <= b.length; at += 8) {
    const ip = ipFromBytes(b.subarray(at, at + 4));
    const first = b[at]!;
    const prefix = first < 128 ? 8 : first < 192 ? 16 : 24;
    // 0.0.0.0 is not allowed here (RFC 2132 section 5.8), and classes D and E are no destinations.
    if (ip === noIp || first >= 224) continue;
    const isNetwork = networkOf({ ip, prefix }) === ip;
    out.push(via({ ip, prefix: isNetwork ? prefix : 32 }, ipFromBytes(b.subarray(at + 4, at + 8))));
  }
  return out;
};

/** Option 15: one name; undefined when it holds what a host name cannot: it goes into resolv.conf. */
export const readDomain = (b: Bytes): string | undefined => {
  const length = b?.[b.length - 1] === 0 ? b.length - 1 : b?.length;
  return b && length ? nameOf(b.subarray(0, length)) : undefined;
};

const nameOf = (b: Uint8Array): string | undefined => {
  let text = "";
  for (const byte of b) {
    if (!isNameByte(byte)) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
};

/** Letters, digits, hyphen, dot, and the underscore that is seen in the wild. */
const isNameByte = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 45 || c === 46 || c === 95;

/** Option 119 (RFC 3397): names in DNS's form, which may end in a pointer to an earlier part. */
export const readDomains = (b: Bytes): string[] => {
  const out: string[] = [];
  for (let at = 0; b && at < b.length; ) {
    const read = readName(b, at);
    if (!read) break;
    if (read.name !== undefined && read.name !== "") out.push(read.name);
    at = read.end;
  }
  return out;
};

const longestName = 255;

/** `name` is undefined when it holds what a host name cannot; nothing at all when the bytes are no name. */
const readName = (b: Uint8Array, start: number): { name: string | undefined; end: number } | undefined => {
  const labels: (string | undefined)[] = [];
  let end: number | undefined;
  let length = 0;
  for (let at = start; ; ) {
    const size = b[at];
    if (size === undefined) return undefined;
    if (size === 0) {
      end ??= at + 1;
      const whole = labels.every((label) => label !== undefined);
      return { name: whole ? labels.join(".") : undefined, end };
    }
    if (size >= 0xc0) {
      const to = ((size & 0x3f) << 8) | (b[at + 1] ?? 0xff);
      // Backwards only, so that it ends.
      if (to >= at) return undefined;
      end ??= at + 2;
      at = to;
      length += 1;
    } else {
      const label = b.subarray(at + 1, at + 1 + size);
      if (size > 63 || label.length < size) return undefined;
      labels.push(nameOf(label));
      at += 1 + size;
      length += 1 + size;
    }
    if (length > longestName) return undefined;
  }
};
