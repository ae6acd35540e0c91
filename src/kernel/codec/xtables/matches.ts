/**
 * Matches of iptables (linux/netfilter/xt_*.h): the bytes behind a match's name and revision as values. What has no reader
 * here stays what it is: a name and bytes.
 */
import { type Ip, ipFromBytes } from "../../../base/ip.ts";
import { str } from "../codec.ts";

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** An address with a mask, as bytes: masks need not be prefixes. */
export interface MaskedAddress {
  readonly address: Uint8Array;
  readonly mask: Uint8Array;
}

export interface Ports {
  readonly sport?: PortRange & { readonly not: boolean };
  readonly dport?: PortRange & { readonly not: boolean };
}

export type XtMatch =
  | { readonly is: "comment"; readonly text: string }
  | ({
      readonly is: "tcp";
      readonly flags?: { readonly mask: number; readonly value: number; readonly not: boolean };
      readonly option?: { readonly kind: number; readonly not: boolean };
    } & Ports)
  | ({ readonly is: "udp" | "udplite" } & Ports)
  | { readonly is: "icmp" | "icmp6"; readonly type: number; readonly codes: PortRange; readonly not: boolean }
  | {
      readonly is: "multiport";
      readonly which: "src" | "dst" | "either";
      readonly ranges: readonly PortRange[];
      readonly not: boolean;
    }
  /** Bits of `ctStates`, and 64 SNAT, 128 DNAT. */
  | { readonly is: "state"; readonly states: number; readonly not: boolean }
  | Conntrack
  | { readonly is: "mark" | "connmark"; readonly mark: number; readonly mask: number; readonly not: boolean }
  | {
      readonly is: "addrtype";
      readonly src: number;
      readonly dst: number;
      readonly notSrc: boolean;
      readonly notDst: boolean;
      readonly limit: "in" | "out" | undefined;
    }
  | { readonly is: "set"; readonly index: number; readonly sides: readonly ("src" | "dst")[]; readonly not: boolean }
  | { readonly is: "pkttype"; readonly type: number; readonly not: boolean }
  | { readonly is: "iprange"; readonly src?: AddressRange; readonly dst?: AddressRange }
  | { readonly is: "physdev"; readonly bits: number; readonly not: number; readonly in: string; readonly out: string }
  | { readonly is: "rpfilter"; readonly flags: number }
  | { readonly is: "limit"; readonly average: number; readonly burst: number }
  | { readonly is: "owner" }
  /** Extension headers of IPv6, which a first packet does not have. */
  | { readonly is: "no-header"; readonly name: string }
  | { readonly is: "other"; readonly name: string };

export interface AddressRange {
  readonly from: Ip;
  readonly to: Ip;
  readonly not: boolean;
}

/** XT_CONNTRACK_*: which of its parts a rule looks at; the same bits say which are inverted. */
export const CONNTRACK = {
  state: 1,
  proto: 2,
  origSrc: 4,
  origDst: 8,
  replSrc: 16,
  replDst: 32,
  status: 64,
  expires: 128,
  origSrcPort: 256,
  origDstPort: 512,
  replSrcPort: 1024,
  replDstPort: 2048,
  direction: 4096,
} as const;

export interface Conntrack {
  readonly is: "conntrack";
  /** Bits of CONNTRACK. */
  readonly looks: number;
  readonly not: number;
  readonly states: number;
  readonly status: number;
  readonly protocol: number;
  readonly origSrc: MaskedAddress;
  readonly origDst: MaskedAddress;
  readonly origSrcPort: PortRange;
  readonly origDstPort: PortRange;
}

/** XT_CONNTRACK_STATE_*: 1 invalid, 2 established, 4 related, 8 new, 64 snat, 128 dnat, 256 untracked. */
export const XT_STATE = {
  invalid: 1,
  established: 2,
  related: 4,
  new: 8,
  snat: 64,
  dnat: 128,
  untracked: 256,
} as const;

type Read = (b: Uint8Array, rev: number, family: 4 | 6) => XtMatch | undefined;

const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);
const u16 = (b: Uint8Array, at: number): number => view(b).getUint16(at, true);
const be16 = (b: Uint8Array, at: number): number => view(b).getUint16(at);
const u32 = (b: Uint8Array, at: number): number => view(b).getUint32(at, true);
const text = (b: Uint8Array, at: number, length: number): string => str.read(b.subarray(at, at + length));
const addressAt = (b: Uint8Array, at: number, family: 4 | 6): Uint8Array => b.slice(at, at + (family === 4 ? 4 : 16));

const all = (r: PortRange): boolean => r.from === 0 && r.to === 0xffff;

/** Of struct xt_tcp and xt_udp: two ranges in the host's order, and bits that invert them. */
const ports = (b: Uint8Array, inverted: number): Ports => {
  const sport = { from: u16(b, 0), to: u16(b, 2), not: (inverted & 1) !== 0 };
  const dport = { from: u16(b, 4), to: u16(b, 6), not: (inverted & 2) !== 0 };
  return { ...((!all(sport) || sport.not) && { sport }), ...((!all(dport) || dport.not) && { dport }) };
};

const tcp: Read = (b) => {
  const [option, mask, value, inverted] = [b[8]!, b[9]!, b[10]!, b[11]!];
  return {
    is: "tcp",
    ...ports(b, inverted),
    ...(mask !== 0 && { flags: { mask, value, not: (inverted & 4) !== 0 } }),
    ...(option !== 0 && { option: { kind: option, not: (inverted & 8) !== 0 } }),
  };
};

const icmp =
  (is: "icmp" | "icmp6"): Read =>
  (b) => ({ is, type: b[0]!, codes: { from: b[1]!, to: b[2]! }, not: (b[3]! & 1) !== 0 });

const sides = ["src", "dst", "either"] as const;

const multiport: Read = (b, rev) => {
  const which = sides[b[0]!];
  if (!which || rev > 1) return undefined;
  const ranges: PortRange[] = [];
  for (let i = 0; i < b[1]!; i++) {
    const from = u16(b, 2 + 2 * i);
    // pflags: this port and the next are a range.
    const ranged = rev === 1 && b[32 + i] !== 0;
    ranges.push({ from, to: ranged ? u16(b, 4 + 2 * i) : from });
    if (ranged) i++;
  }
  return { is: "multiport", which, ranges, not: rev === 1 && b[47] !== 0 };
};

const masked = (b: Uint8Array, at: number, family: 4 | 6): MaskedAddress => ({
  address: addressAt(b, at, family),
  mask: addressAt(b, at + 16, family),
});

/** struct xt_conntrack_mtinfo1, 2 (wider masks) and 3 (ranges of ports, in the host's order). */
const conntrack: Read = (b, rev, family) => {
  if (rev < 1 || rev > 3) return undefined;
  const port = (at: number): number => (rev === 3 ? u16(b, at) : be16(b, at));
  const range = (at: number, high: number): PortRange => ({ from: port(at), to: rev === 3 ? port(high) : port(at) });
  return {
    is: "conntrack",
    looks: u16(b, 146),
    not: u16(b, 148),
    states: rev === 1 ? b[150]! : u16(b, 150),
    status: rev === 1 ? b[151]! : u16(b, 152),
    protocol: u16(b, 136),
    origSrc: masked(b, 0, family),
    origDst: masked(b, 32, family),
    origSrcPort: range(138, 154),
    origDstPort: range(140, 156),
  };
};

const marked =
  (is: "mark" | "connmark"): Read =>
  (b, rev) =>
    rev === 1 ? { is, mark: u32(b, 0), mask: u32(b, 4), not: b[8] !== 0 } : undefined;

const addrtype: Read = (b, rev) => {
  const flags = rev === 1 ? u32(b, 4) : 0;
  return {
    is: "addrtype",
    src: u16(b, 0),
    dst: u16(b, 2),
    notSrc: rev === 1 ? (flags & 1) !== 0 : u32(b, 4) !== 0,
    notDst: rev === 1 ? (flags & 2) !== 0 : u32(b, 8) !== 0,
    limit: flags & 4 ? "in" : flags & 8 ? "out" : undefined,
  };
};

/** struct xt_set_info: index, how many fields, and a bit for each that is of the source. */
const set: Read = (b, rev) => {
  if (rev < 1) return undefined;
  const [dim, flags] = [b[2]!, b[3]!];
  return {
    is: "set",
    index: u16(b, 0),
    sides: Array.from({ length: dim }, (_, i) => (flags & (2 << i) ? "src" : "dst")),
    not: (flags & 1) !== 0,
  };
};

const iprange: Read = (b, _rev, family) => {
  const flags = b[64]!;
  const range = (at: number, not: boolean): AddressRange => ({
    from: ipFromBytes(addressAt(b, at, family)),
    to: ipFromBytes(addressAt(b, at + 16, family)),
    not,
  });
  return {
    is: "iprange",
    ...(flags & 1 && { src: range(0, (flags & 16) !== 0) }),
    ...(flags & 2 && { dst: range(32, (flags & 32) !== 0) }),
  };
};

const readers: Readonly<Record<string, Read>> = {
  comment: (b) => ({ is: "comment", text: str.read(b) }),
  tcp,
  udp: (b) => ({ is: "udp", ...ports(b, b[8]!) }),
  udplite: (b) => ({ is: "udplite", ...ports(b, b[8]!) }),
  icmp: icmp("icmp"),
  icmp6: icmp("icmp6"),
  multiport,
  state: (b) => {
    const states = u32(b, 0);
    // XT_STATE_UNTRACKED is another bit than conntrack's.
    return { is: "state", states: (states & 15) | (states & 64 ? XT_STATE.untracked : 0), not: false };
  },
  conntrack,
  mark: marked("mark"),
  connmark: marked("connmark"),
  addrtype,
  set,
  pkttype: (b) => ({ is: "pkttype", type: u32(b, 0), not: u32(b, 4) !== 0 }),
  iprange,
  physdev: (b) => ({ is: "physdev", not: b[64]!, bits: b[65]!, in: text(b, 0, 16), out: text(b, 32, 16) }),
  rpfilter: (b) => ({ is: "rpfilter", flags: b[0]! }),
  limit: (b) => ({ is: "limit", average: u32(b, 0), burst: u32(b, 4) }),
  owner: () => ({ is: "owner" }),
};

const extensionHeaders = new Set(["rt", "frag", "hbh", "dst", "mh", "ah", "esp", "srh"]);

/** The shortest that each reader can take: one that is shorter is not of the revision that it says. */
const shortest: Readonly<Record<string, number>> = { conntrack: 152, iprange: 65, physdev: 66, tcp: 12, udp: 9 };

export const readMatch = (name: string, rev: number, info: Uint8Array, family: 4 | 6): XtMatch => {
  if (extensionHeaders.has(name)) return { is: "no-header", name };
  const reader = readers[name];
  const known = reader && info.length >= (shortest[name] ?? 1) ? reader(info, rev, family) : undefined;
  return known ?? { is: "other", name };
};
