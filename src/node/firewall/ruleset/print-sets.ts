/** Sets without a name of their own, in the place where a rule asks for them. */
import { keyTypes } from "../../../net/nft/keys.ts";
import { renderElement, renderVerdict } from "../../../net/nft/render-value.ts";
import { type Fields, isVerdict, type KeyType, type NftSet, type Verdict } from "../../../net/nft/types.ts";
import type { SetElement, SetThere, Table } from "./model.ts";

const names = new Map(Object.entries(keyTypes).map(([name, t]) => [t.id, name as KeyType]));

/** Six bits for each type of a concatenation; undefined when one has no words here. */
const typesOf = (n: number): KeyType[] | undefined => {
  const out: (KeyType | undefined)[] = [];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 64)) out.unshift(names.get(rest & 63));
  return out.length > 0 && out.every((t) => t !== undefined) ? out : undefined;
};

const split = (set: SetThere, key: Uint8Array): Uint8Array[] => {
  let at = 0;
  return set.fields.map((n) => {
    const part = key.subarray(at, at + n);
    at += (n + 3) & ~3;
    return part;
  });
};

/** More than these are not shown one by one. */
const MOST = 12;

const elementText = (set: SetThere, shown: NftSet, e: SetElement): string => {
  const verdict = e.data && isVerdict(e.data as Fields | Verdict) ? ` : ${renderVerdict(e.data as Verdict)}` : "";
  if (!e.key) return `*${verdict}`;
  const key = renderElement(shown, { key: split(set, e.key), ...(e.end && { end: split(set, e.end) }) });
  return `${key}${verdict}`;
};

const setText = (set: SetThere): string | undefined => {
  const key = typesOf(set.keyType);
  if (!key) return undefined;
  const shown: NftSet = { name: set.name, key };
  const some = set.elements.slice(0, MOST).map((e) => elementText(set, shown, e));
  return `{ ${[...some, ...(set.elements.length > MOST ? ["..."] : [])].join(", ")} }`;
};

/** `@__set0` as `{ 22, 80 }`. */
export const withSets = (table: Table, text: string): string =>
  text.replace(/@(__(?:set|map)\d+)/g, (whole, name: string) => {
    const set = table.sets.get(name);
    return (set && setText(set)) ?? whole;
  });
