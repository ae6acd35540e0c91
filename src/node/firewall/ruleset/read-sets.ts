/** Sets and maps of nf_tables as the kernel compares keys: bytes, whatever they mean. */
import {
  ELEM,
  type ElementMessage,
  elementsMessage,
  NFT_MSG,
  SET,
  setMessage,
} from "../../../kernel/codec/nft/messages.ts";
import type { Netns } from "../../../net/kernel.ts";
import type { SetElement, SetThere } from "./model.ts";
import { verdictOf } from "./verdict-code.ts";

type SetMessage = ReturnType<typeof setMessage.read>;

const empty = new Uint8Array(0);
const keyOf = (m: ElementMessage): Uint8Array => m.key?.value ?? empty;

const compare = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - (b[i] ?? 0);
  return 0;
};

/** The value before: the kernel tells where a range has ended, rules ask for its last. */
const before = (b: Uint8Array): Uint8Array => {
  const out = new Uint8Array(b);
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = (out[i]! + 255) & 255;
    if (out[i] !== 255) break;
  }
  return out;
};

const flag = (m: ElementMessage, bit: number): boolean => ((m.flags ?? 0) & bit) !== 0;

const elementOf = (m: ElementMessage): SetElement => ({
  ...(m.key?.value && !flag(m, ELEM.catchall) && { key: m.key.value }),
  ...(m.keyEnd?.value && { end: m.keyEnd.value }),
  ...(m.data?.verdict && { data: verdictOf(m.data.verdict) }),
  ...(m.data?.value && { data: m.data.value }),
});

/** Beginnings and ends, each an element of its own, as ranges. */
const joined = (items: readonly ElementMessage[]): SetElement[] => {
  const rest = items.filter((m) => flag(m, ELEM.catchall)).map(elementOf);
  const sorted = items
    .filter((m) => !flag(m, ELEM.catchall))
    // Where one range ends and the next begins, the end goes first.
    .sort(
      (a, b) =>
        compare(keyOf(a), keyOf(b)) || (flag(b, ELEM.intervalEnd) ? 1 : 0) - (flag(a, ELEM.intervalEnd) ? 1 : 0),
    );
  const ranges = sorted.flatMap((m, i) => {
    if (flag(m, ELEM.intervalEnd)) return [];
    const next = sorted[i + 1];
    const end = next && flag(next, ELEM.intervalEnd) ? before(keyOf(next)) : keyOf(m).map(() => 255);
    return [{ ...elementOf(m), end }];
  });
  return [...ranges, ...rest];
};

const readElements = (ns: Netns, s: SetMessage): ElementMessage[] => {
  const payload = elementsMessage.write({ family: s.family, table: s.table ?? "", set: s.name ?? "" });
  return ns.nf
    .dump({ type: NFT_MSG.getElement, payload, op: `nft list set ${s.table} ${s.name}` })
    .flatMap((m) => elementsMessage.read(m.payload).elements?.items ?? []);
};

const setOf = (ns: Netns, s: SetMessage): SetThere => {
  const joins = s.description?.concat?.fields?.map((f) => f.len ?? 0);
  const interval = ((s.flags ?? 0) & SET.interval) !== 0;
  const items = readElements(ns, s);
  return {
    name: s.name ?? "",
    fields: joins && joins.length > 1 ? joins : [s.keyLen ?? 4],
    interval,
    keyType: s.keyType ?? 0,
    elements: interval && !(joins && joins.length > 1) ? joined(items) : items.map(elementOf),
  };
};

/** Of all tables: each with the family and name of its table. */
export const readSets = (ns: Netns): { readonly family: number; readonly table: string; readonly set: SetThere }[] =>
  ns.nf
    .dump({ type: NFT_MSG.getSet, payload: setMessage.write({ family: 0 }), op: "nft list sets" })
    .map((m) => setMessage.read(m.payload))
    .map((s) => ({ family: s.family, table: s.table ?? "", set: setOf(ns, s) }));
