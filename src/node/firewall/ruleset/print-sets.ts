/** Sets without a name of their own, in the place where a rule asks for them. */
import { keyTypes } from "../../../net/nft/keys.ts";
import { renderElement, renderValue, renderVerdict, type ValueType } from "../../../net/nft/render-value.ts";
import { type Fields, isVerdict, type KeyType, type Verdict } from "../../../net/nft/types.ts";
import type { SetElement, SetThere, Table } from "./model.ts";

/** Types that `nft` numbers, beside those of sets that we make: with our words for their values, or plain numbers. */
const others: readonly (readonly [number, ValueType | "number"])[] = [
  [2, "nf_proto"],
  [4, "number"], // integer
  [14, "number"], // icmp_type
  [15, "number"], // tcp_flag
  [24, "number"], // uid
  [25, "number"], // gid
  [26, "ct_state"],
  [27, "number"], // ct_dir
  [28, "ct_status"],
  [29, "number"], // icmpv6_type
  [31, "number"], // pkttype
  [36, "number"], // dscp
  [38, "fib_addrtype"],
];
const types = new Map<number, ValueType | "number">([
  ...Object.entries(keyTypes).map(([name, t]) => [t.id, name as KeyType] as const),
  ...others,
]);

/** Six bits for each type of a concatenation. */
const typesOf = (n: number): (ValueType | "number")[] => {
  const out: (ValueType | "number")[] = [];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 64)) out.unshift(types.get(rest & 63) ?? "unknown");
  return out;
};

const isKeyType = (type: ValueType | "number"): type is KeyType => Object.hasOwn(keyTypes, type);
const widthOf = (type: ValueType | "number"): number => (isKeyType(type) ? keyTypes[type].bytes : 4);

/** The kernel tells the widths of a concatenation only where elements are ranges; otherwise they are those of its types. */
const split = (set: SetThere, types: readonly (ValueType | "number")[], key: Uint8Array): Uint8Array[] => {
  let at = 0;
  const widths = set.fields.length === types.length ? set.fields : types.map(widthOf);
  return widths.map((n) => {
    const part = key.subarray(at, at + n);
    at += (n + 3) & ~3;
    return part;
  });
};

const fieldText = (type: ValueType | "number", from: Uint8Array, to: Uint8Array | undefined): string => {
  if (type === "number" && from.length === 1) return String(from[0]);
  // Words that do not stand in a packet are in the host's order.
  if (type === "number") return renderValue(from.length === 4 ? "iface_index" : "unknown", from);
  if (isKeyType(type) && from.length === keyTypes[type].bytes)
    return renderElement({ name: "", key: [type] }, { key: [from], ...(to && { end: [to] }) });
  return renderValue(isKeyType(type) ? "unknown" : type, from);
};

/** More than these are not shown one by one. */
const MOST = 12;

const elementText = (set: SetThere, key: readonly (ValueType | "number")[], e: SetElement): string => {
  const verdict = e.data && isVerdict(e.data as Fields | Verdict) ? ` : ${renderVerdict(e.data as Verdict)}` : "";
  if (!e.key) return `*${verdict}`;
  const [from, to] = [split(set, key, e.key), e.end && split(set, key, e.end)];
  return `${from.map((f, i) => fieldText(key[i] ?? "unknown", f, to?.[i])).join(" . ")}${verdict}`;
};

const setText = (set: SetThere): string => {
  const key = typesOf(set.keyType);
  const some = set.elements.slice(0, MOST).map((e) => elementText(set, key, e));
  return `{ ${[...some, ...(set.elements.length > MOST ? ["..."] : [])].join(", ")} }`;
};

/** `@__set0` as `{ 22, 80 }`. */
export const withSets = (table: Table, text: string): string =>
  text.replace(/@(__(?:set|map)\d+)/g, (whole, name: string) => {
    const set = table.sets.get(name);
    return set ? setText(set) : whole;
  });
