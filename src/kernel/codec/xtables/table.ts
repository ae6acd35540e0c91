/**
 * A table of the older iptables as the kernel hands it out (linux/netfilter_ipv4/ip_tables.h, struct ipt_getinfo, ipt_entry;
 * for IPv6 ip6_tables.h): entries one behind the other, chains told by where hooks begin and by marks between.
 */
import { str } from "../codec.ts";

export interface TableInfo {
  /** Bits by number of hook: prerouting, input, forward, output, postrouting. */
  readonly validHooks: number;
  /** Offset of each hook's first entry. */
  readonly hookEntry: readonly number[];
  /** Offset of the entry that is its policy. */
  readonly underflow: readonly number[];
  readonly count: number;
  /** Bytes of all entries. */
  readonly size: number;
}

const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);

export const infoSize = 84;
/** struct ipt_get_entries before its entries: name, size, padding. */
export const entriesHead = 40;

/** A request begins with the table's name in 32 bytes. */
export const infoRequest = (name: string): Uint8Array => {
  const out = new Uint8Array(infoSize);
  out.set(str.write(name));
  return out;
};

export const entriesRequest = (name: string, size: number): Uint8Array => {
  const out = new Uint8Array(entriesHead + size);
  out.set(str.write(name));
  view(out).setUint32(32, size, true);
  return out;
};

export const readInfo = (b: Uint8Array): TableInfo => {
  const v = view(b);
  const five = (at: number): number[] => [0, 1, 2, 3, 4].map((i) => v.getUint32(at + 4 * i, true));
  return {
    validHooks: v.getUint32(32, true),
    hookEntry: five(36),
    underflow: five(56),
    count: v.getUint32(76, true),
    size: v.getUint32(80, true),
  };
};

/** A match, or a target of some extension. */
export interface Extension {
  readonly name: string;
  readonly rev: number;
  readonly info: Uint8Array;
}

/** IPT_F_*, IP6T_F_*: of IPv6 the first bit says that there is a protocol, which zero says as well. */
export const FLAG = { 4: { fragment: 1, goto: 2 }, 6: { fragment: 0, goto: 4 } } as const;
/** IPT_INV_*: also in IPv6, but its protocol. */
export const INVERT = { in: 1, out: 2, tos: 4, src: 8, dst: 16, fragment: 32, protocol: 64 } as const;

export interface Entry {
  readonly offset: number;
  readonly src: Uint8Array;
  readonly srcMask: Uint8Array;
  readonly dst: Uint8Array;
  readonly dstMask: Uint8Array;
  /** Without what the mask leaves open: `eth+` is `eth`. */
  readonly in: { readonly name: string; readonly exact: boolean } | undefined;
  readonly out: { readonly name: string; readonly exact: boolean } | undefined;
  /** IPPROTO_*; 0 is any. */
  readonly protocol: number;
  readonly flags: number;
  readonly inverted: number;
  readonly matches: readonly Extension[];
  /** `standard`: a verdict, below zero, or the offset to go to. `ERROR`: a chain begins here, or the table ends. */
  readonly target: Extension;
}

interface Layout {
  readonly address: number;
  readonly names: number;
  readonly protocol: number;
  readonly flags: number;
  readonly inverted: number;
  /** Offset of the u16 that says where the target is; the next one says where the next entry is. */
  readonly offsets: number;
  readonly size: number;
}

const layouts: { readonly [F in 4 | 6]: Layout } = {
  4: { address: 4, names: 16, protocol: 80, flags: 82, inverted: 83, offsets: 88, size: 112 },
  6: { address: 16, names: 64, protocol: 128, flags: 131, inverted: 132, offsets: 140, size: 168 },
};

const extensionHead = 32;

const extension = (b: Uint8Array): Extension & { readonly size: number } => {
  const size = view(b).getUint16(0, true);
  return { size, name: str.read(b.subarray(2, 31)), rev: b[31]!, info: b.slice(extensionHead, size) };
};

/** Names of links are compared under a mask; a whole name's ends with the NUL. */
const linkName = (name: Uint8Array, mask: Uint8Array): Entry["in"] => {
  const length = mask.indexOf(0);
  const covered = length < 0 ? mask.length : length;
  if (covered === 0) return undefined;
  const text = str.read(name.subarray(0, covered));
  return { name: text, exact: text.length < covered };
};

const entryAt = (b: Uint8Array, offset: number, family: 4 | 6): { readonly entry: Entry; readonly next: number } => {
  const layout = layouts[family];
  const e = b.subarray(offset);
  const v = view(e);
  const [targetAt, next] = [v.getUint16(layout.offsets, true), v.getUint16(layout.offsets + 2, true)];
  const n = layout.address;
  const address = (i: number): Uint8Array => e.slice(i * n, (i + 1) * n);
  const name = (i: number): Uint8Array => e.subarray(layout.names + 16 * i, layout.names + 16 * (i + 1));
  const matches: Extension[] = [];
  for (let at = layout.size; at + extensionHead <= targetAt; ) {
    const { size, ...match } = extension(e.subarray(at));
    if (size < extensionHead) break;
    matches.push(match);
    at += size;
  }
  const { size: _size, ...target } = extension(e.subarray(targetAt));
  return {
    next: offset + next,
    entry: {
      offset,
      src: address(0),
      dst: address(1),
      srcMask: address(2),
      dstMask: address(3),
      in: linkName(name(0), name(2)),
      out: linkName(name(1), name(3)),
      protocol: v.getUint16(layout.protocol, true),
      flags: e[layout.flags]!,
      inverted: e[layout.inverted]!,
      matches,
      target: target.name === "" ? { ...target, name: "standard" } : target,
    },
  };
};

/** All entries; `b` is what the kernel gave behind the head of its answer. */
export const readEntries = (b: Uint8Array, family: 4 | 6): Entry[] => {
  const out: Entry[] = [];
  for (let at = 0; at + layouts[family].size <= b.length; ) {
    const { entry, next } = entryAt(b, at, family);
    out.push(entry);
    if (next <= at) break;
    at = next;
  }
  return out;
};
