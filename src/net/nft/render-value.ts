/** Bytes of keys, data and comparisons as `nft` writes them. */
import { hex } from "../../base/bytes.ts";
import { ipFromBytes } from "../../base/ip.ts";
import { macFromBytes } from "../../base/mac.ts";
import { str } from "../../kernel/codec/codec.ts";
import { addressType, ctDirections, ctStates, ctStatus } from "./build.ts";
import { protocolNumbers } from "./keys.ts";
import { type Element, type Fields, isVerdict, type KeyType, type NftSet, type Verdict } from "./types.ts";

/** What a value is of: the types of sets, and those that only expressions have. */
export type ValueType = KeyType | "nf_proto" | "ct_state" | "ct_dir" | "ct_status" | "fib_addrtype" | "unknown";

const word = (b: Uint8Array): number => new DataView(b.buffer, b.byteOffset, b.byteLength).getUint32(0, true);
const nameOf = (table: Readonly<Record<string, number>>, n: number): string | undefined =>
  Object.keys(table).find((name) => table[name] === n);

/** Bits by name: `established,related`. */
const bits = (table: Readonly<Record<string, number>>, n: number): string => {
  const names = Object.keys(table).filter((name) => n & table[name]!);
  return names.length > 0 ? names.join(",") : String(n);
};

const asHex = (b: Uint8Array): string => `0x${hex(b)}`;

const renderers: { readonly [T in ValueType]: (b: Uint8Array) => string } = {
  ipv4_addr: ipFromBytes,
  ipv6_addr: ipFromBytes,
  ether_addr: macFromBytes,
  inet_proto: (b) => nameOf(protocolNumbers, b[0]!) ?? String(b[0]),
  inet_service: (b) => String((b[0]! << 8) | b[1]!),
  mark: (b) => `0x${word(b).toString(16).padStart(8, "0")}`,
  iface_index: (b) => String(word(b)),
  ifname: (b) => JSON.stringify(str.read(b)),
  nf_proto: (b) => (b[0] === 2 ? "ipv4" : b[0] === 10 ? "ipv6" : String(b[0])),
  ct_state: (b) => bits(ctStates, word(b)),
  ct_dir: (b) => nameOf(ctDirections, b[0]!) ?? String(b[0]),
  ct_status: (b) => bits(ctStatus, word(b)),
  fib_addrtype: (b) => nameOf(addressType, word(b)) ?? String(word(b)),
  unknown: asHex,
};

export const renderValue = (type: ValueType, b: Uint8Array): string => renderers[type](b);

export const renderVerdict = ({ verdict, chain }: Verdict): string =>
  chain === undefined ? verdict : `${verdict} ${chain}`;

const fields = (types: readonly KeyType[], values: Fields): string =>
  values.map((b, i) => renderValue(types[i] ?? "unknown", b)).join(" . ");

/** A range as a prefix where it is one, else from - to. */
const range = (type: KeyType, from: Uint8Array, to: Uint8Array): string => {
  const [a, b] = [renderValue(type, from), renderValue(type, to)];
  if (a === b) return a;
  const prefix = type === "ipv4_addr" || type === "ipv6_addr" ? prefixOf(from, to) : undefined;
  return prefix === undefined ? `${a}-${b}` : `${a}/${prefix}`;
};

/** How many leading bits the two share, when the rest is all zeros in one and all ones in the other. */
const prefixOf = (from: Uint8Array, to: Uint8Array): number | undefined => {
  const bit = (b: Uint8Array, i: number): number => (b[i >> 3]! >> (7 - (i & 7))) & 1;
  const all = 8 * from.length;
  let n = 0;
  while (n < all && bit(from, n) === bit(to, n)) n++;
  for (let i = n; i < all; i++) if (bit(from, i) !== 0 || bit(to, i) !== 1) return undefined;
  return n;
};

/** nft wants a comment in quotes, and has no way to write one inside. */
export const renderComment = (comment: string | undefined): string =>
  comment === undefined ? "" : ` comment "${comment.replaceAll('"', "'")}"`;

export const renderElement = (set: NftSet, e: Element): string => {
  const end = e.end;
  const key = end
    ? e.key.map((b, i) => range(set.key[i] ?? "ipv4_addr", b, end[i]!)).join(" . ")
    : fields(set.key, e.key);
  const timeout = e.timeout === undefined ? "" : ` timeout ${e.timeout}ms`;
  const { data } = e;
  const value = data === undefined ? "" : isVerdict(data) ? renderVerdict(data) : renderData(set, data);
  return `${key}${timeout}${renderComment(e.comment)}${value && ` : ${value}`}`;
};

const renderData = (set: NftSet, data: Fields): string =>
  fields(set.data && set.data !== "verdict" ? set.data : [], data);
