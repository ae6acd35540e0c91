/** Elements of sets and maps as the kernel has them: one, all of them, or whether there is such a one. */
import { type NftData, verdictCode } from "../../kernel/codec/nft/data.ts";
import { ELEM, type ElementMessage, elementsMessage, NFT_MSG, nfproto } from "../../kernel/codec/nft/messages.ts";
import { readComment } from "../../kernel/codec/nft/userdata.ts";
import type { Netns } from "../kernel.ts";
import { joinFields } from "./encode.ts";
import { keyTypes } from "./keys.ts";
import { nameOf, orGone } from "./read.ts";
import type { Element, Fields, KeyType, NftSet, Table, Verdict } from "./types.ts";

const split = (types: readonly KeyType[], bytes: Uint8Array): Fields => {
  if (types.length <= 1) return [bytes];
  const out: Uint8Array[] = [];
  let at = 0;
  for (const t of types) {
    const { bytes: n } = keyTypes[t];
    out.push(bytes.subarray(at, at + n));
    at += (n + 3) & ~3;
  }
  return out;
};

const dataOf = (set: NftSet, d: NftData): Fields | Verdict => {
  const { verdict, value } = d;
  if (!verdict) return split(set.data && set.data !== "verdict" ? set.data : [], value ?? new Uint8Array(0));
  const { code = 0, chain } = verdict;
  return { verdict: nameOf(verdictCode, (n) => n === code) ?? "drop", ...(chain !== undefined && { chain }) };
};

const elementOf = (set: NftSet, m: ElementMessage): Element => {
  const comment = readComment(m.userdata);
  return {
    key: split(set.key, m.key?.value ?? new Uint8Array(0)),
    ...(m.keyEnd?.value && { end: split(set.key, m.keyEnd.value) }),
    ...(m.data && { data: dataOf(set, m.data) }),
    ...(m.timeout !== undefined && { timeout: m.timeout }),
    ...(comment !== undefined && { comment }),
  };
};

/** The last value of a range of which the kernel tells the one after. */
const before = (b: Uint8Array): Uint8Array => {
  const out = new Uint8Array(b);
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = (out[i]! + 255) & 255;
    if (out[i] !== 255) break;
  }
  return out;
};

const compare = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
};

/** Beginnings and ends as the kernel lists them, joined to ranges. */
const ranges = (set: NftSet, items: readonly ElementMessage[]): Element[] => {
  const sorted = [...items].sort((a, b) => {
    const order = compare(a.key?.value ?? new Uint8Array(0), b.key?.value ?? new Uint8Array(0));
    // Where one range ends and the next begins, the end goes first.
    return order !== 0 ? order : ((b.flags ?? 0) & 1) - ((a.flags ?? 0) & 1);
  });
  const out: Element[] = [];
  for (const [i, m] of sorted.entries()) {
    if ((m.flags ?? 0) & ELEM.intervalEnd) continue;
    const next = sorted[i + 1];
    const key = m.key?.value ?? new Uint8Array(0);
    const closed = next && (next.flags ?? 0) & ELEM.intervalEnd ? before(next.key!.value!) : key.map(() => 255);
    out.push({ ...elementOf(set, m), end: [closed] });
  }
  return out;
};

const elementsPayload = (table: Table, set: NftSet, elements?: readonly ElementMessage[]): Uint8Array =>
  elementsMessage.write({
    family: nfproto[table.family],
    table: table.name,
    set: set.name,
    ...(elements && { elements: { items: elements } }),
  });

/** All elements of a set; undefined when it is not there. */
export const listElements = (ns: Netns, table: Table, set: NftSet): Element[] | undefined =>
  orGone(() => {
    const op = `nft list set ${table.family} ${table.name} ${set.name}`;
    const items = ns.nf
      .dump({ type: NFT_MSG.getElement, payload: elementsPayload(table, set), op })
      .flatMap((m) => elementsMessage.read(m.payload).elements?.items ?? []);
    return set.interval && set.key.length === 1 ? ranges(set, items) : items.map((m) => elementOf(set, m));
  });

/** The element of that key; undefined when there is none. */
export const findElement = (ns: Netns, table: Table, set: NftSet, key: Fields): Element | undefined =>
  orGone(() => {
    const payload = elementsPayload(table, set, [{ key: { value: joinFields(key) } }]);
    const op = `nft get element ${table.family} ${table.name} ${set.name}`;
    const m = ns.nf.get({ type: NFT_MSG.getElement, payload, op });
    const [item] = elementsMessage.read(m.payload).elements?.items ?? [];
    return item && elementOf(set, item);
  });

/** Whether a set has an element that is wanted; without `isWanted`, any. It is not read beyond the first one. */
export const someElement = (
  ns: Netns,
  table: Table,
  set: NftSet,
  isWanted: (e: Element) => boolean = () => true,
): boolean =>
  orGone(() => {
    const op = `nft list set ${table.family} ${table.name} ${set.name}`;
    return ns.nf.some({ type: NFT_MSG.getElement, payload: elementsPayload(table, set), op }, (m) =>
      (elementsMessage.read(m.payload).elements?.items ?? []).some((item) => isWanted(elementOf(set, item))),
    );
  }) ?? false;
