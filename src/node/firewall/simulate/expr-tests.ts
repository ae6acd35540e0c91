/** Expressions that compare, compute and look up. */
import type { ExprOf } from "../../../kernel/codec/nft/expressions.ts";
import { wordKey } from "../../../net/nft/keys.ts";
import { type Fields, isVerdict, type Verdict } from "../../../net/nft/types.ts";
import { verdictOf } from "../ruleset/verdict-code.ts";
import { anything, atMost, type Bits, begins, exactly, type Maybe, maskXor, not, within, wordOf } from "./bits.ts";
import { lookup as find, keyLength } from "./lookup.ts";
import { decide, end, goOn, labelOf, type Machine, type Move, miss, read, store } from "./machine.ts";

const comparisons: readonly ((b: Bits, value: Uint8Array) => Maybe)[] = [
  begins,
  (b, v) => not(begins(b, v)),
  (b, v) => atMost(b, v, false),
  (b, v) => atMost(b, v, true),
  (b, v) => not(atMost(b, v, true)),
  (b, v) => not(atMost(b, v, false)),
];

export const cmp = (m: Machine, e: ExprOf<"cmp">): Move[] => {
  const value = e.data?.value ?? new Uint8Array(0);
  const compare = comparisons[e.op ?? 0];
  const holds = compare?.(read(m, e.sreg, value.length), value);
  return decide(m, holds, labelOf(m, e.sreg));
};

export const range = (m: Machine, e: ExprOf<"range">): Move[] => {
  const from = e.from?.value ?? new Uint8Array(0);
  const to = e.to?.value ?? from;
  const inside = within(read(m, e.sreg, from.length), from, to);
  return decide(m, (e.op ?? 0) === 0 ? inside : not(inside), labelOf(m, e.sreg));
};

const shift = (b: Bits, by: number): Bits => {
  const word = wordOf(b);
  if (word === undefined || b.bytes.length !== 4) return anything(b.bytes.length);
  return exactly(wordKey((by >= 0 ? word << by : word >>> -by) >>> 0));
};

export const bitwise = (m: Machine, e: ExprOf<"bitwise">): Move[] => {
  const length = e.len ?? 4;
  const b = read(m, e.sreg, length);
  const by = e.data?.value ? (wordOf(exactly(e.data.value)) ?? 0) : 0;
  const zeros = new Uint8Array(length);
  const value =
    (e.op ?? 0) === 0
      ? maskXor(b, e.mask?.value ?? zeros, e.xor?.value ?? zeros)
      : e.op === 1
        ? shift(b, by)
        : e.op === 2
          ? shift(b, -by)
          : anything(length);
  return goOn(store(m, e.dreg, value, labelOf(m, e.sreg)));
};

/** To network order or from it: on the machines that we run on, both turn the bytes round. */
export const byteorder = (m: Machine, e: ExprOf<"byteorder">): Move[] => {
  const { size = 4, len = 4 } = e;
  const b = read(m, e.sreg, len);
  const turn = (x: Uint8Array): Uint8Array => {
    const out = new Uint8Array(x.length);
    for (let i = 0; i < x.length; i++) out[i] = x[i - (i % size) + (size - 1 - (i % size))] ?? 0;
    return out;
  };
  return goOn(store(m, e.dreg, { bytes: turn(b.bytes), known: turn(b.known) }, labelOf(m, e.sreg)));
};

export const immediate = (m: Machine, e: ExprOf<"immediate">): Move[] => {
  const { verdict, value } = e.data ?? {};
  if (verdict) return end(m, verdictOf(verdict));
  return goOn(store(m, e.dreg, exactly(value ?? new Uint8Array(4)), "a value of the rule"));
};

const isData = (data: Uint8Array | Verdict): data is Uint8Array => !isVerdict(data as Fields | Verdict);

/** What follows from an element that it is, or may be. */
const take = (m: Machine, e: ExprOf<"lookup">, data: Uint8Array | Verdict | undefined): Move => {
  if (data === undefined || e.dreg === undefined) return { machine: m, after: "next" };
  if (isData(data)) return { machine: store(m, e.dreg, exactly(data), `the value in ${e.set}`), after: "next" };
  return { machine: m, after: data };
};

/** More ways than this are not followed each: what they lead to is said to be unknown. */
const WAYS = 64;

export const lookup = (m: Machine, e: ExprOf<"lookup">): Move[] => {
  const set = m.table.sets.get(e.set ?? "");
  const label = labelOf(m, e.sreg);
  if (!set) return decide(m, undefined, `set ${e.set}, which could not be read`);
  const found = find(set, read(m, e.sreg, keyLength(set)));
  const inverted = e.flags === 1;
  const sure = found.some((f) => f.sure === true);
  // What a rule put into it on this packet's way is in it, by whatever key.
  const added = m.state.added.includes(set.name) && !sure;
  if (e.dreg === undefined) {
    const holds = sure ? true : found.length > 0 || added ? undefined : false;
    return decide(m, inverted ? not(holds) : holds, label);
  }
  if (found.length === 0) return added ? decide(m, undefined, label) : miss(m);
  if (sure) return [take(m, e, found[0]!.element.data)];
  const ways = new Map(found.slice(0, WAYS).map((f) => [JSON.stringify(f.element.data), f.element.data]));
  const moves: Move[] = [...ways.values()].map((data) => ({ ...take(m, e, data), doubt: label }));
  const tooMany: Move[] = found.length > WAYS ? [{ machine: m, after: { verdict: "unclear" }, doubt: label }] : [];
  return [...moves, ...tooMany, { machine: m, after: { verdict: "break" }, doubt: label }];
};

/** `add @set { ... }`: a limit in it may end the rule. */
export const dynset = (m: Machine, e: ExprOf<"dynset">): Move[] => {
  const next: Machine = { ...m, state: { ...m.state, added: [...new Set([...m.state.added, e.set ?? ""])] } };
  // NFT_DYNSET_OP_DELETE takes it out.
  if (e.op === 2) return goOn({ ...m, state: { ...m.state, added: m.state.added.filter((s) => s !== e.set) } });
  const limited = e.expr !== undefined || e.exprs !== undefined;
  return limited ? decide(next, undefined, `how much came before (in set ${e.set})`) : goOn(next);
};

/** One way for each number that it can come to. */
const oneOf = (m: Machine, dreg: number | undefined, modulus: number, offset: number, what: string): Move[] => {
  if (modulus > WAYS) return goOn(store(m, dreg, anything(4), what));
  return Array.from({ length: modulus }, (_, i) => ({
    machine: store(m, dreg, exactly(wordKey(offset + i)), what),
    after: "next" as const,
    ...(modulus > 1 && { doubt: what }),
  }));
};

export const numgen = (m: Machine, e: ExprOf<"numgen">): Move[] =>
  oneOf(m, e.dreg, e.modulus ?? 1, e.offset ?? 0, e.type === 0 ? "whose turn it is" : "chance");

export const hash = (m: Machine, e: ExprOf<"hash">): Move[] =>
  oneOf(m, e.dreg, e.modulus ?? 1, e.offset ?? 0, "a hash");
