/** How attributes become the fields of a JSON object: tables of number, name and spelling. */
import type { Json } from "../../base/json-types.ts";
import type { AttrIndex } from "../../kernel/codec/attr-index.ts";
import { addressText } from "./address-words.ts";

export type Fields = { [name: string]: Json };

/** What is known beside the message. */
export interface See {
  /** Name of a link by index. */
  readonly link: (index: number) => string;
}

/** The value of one attribute; undefined leaves the field out. */
export type Spell = (a: AttrIndex, type: number, see: See) => Json | undefined;
export type Field = readonly [type: number, name: string, spell: Spell];
/** Writes what a kind of link has to say. */
export type Show = (a: AttrIndex, out: Fields, see: See) => void;

export const fields =
  (list: readonly Field[]): Show =>
  (a, out, see) => {
    for (const [type, name, spell] of list) {
      if (!a.has(type)) continue;
      const value = spell(a, type, see);
      if (value !== undefined) out[name] = value;
    }
  };
export const all =
  (...shows: readonly Show[]): Show =>
  (a, out, see) => {
    for (const show of shows) show(a, out, see);
  };

export const u8: Spell = (a, t) => a.u8(t);
export const u16: Spell = (a, t) => a.u16(t);
export const u32: Spell = (a, t) => a.u32(t);
export const u64: Spell = (a, t) => a.u64(t);
export const be16: Spell = (a, t) => a.be16(t);
export const text: Spell = (a, t) => a.text(t);
export const mac: Spell = (a, t) => a.mac(t);
export const bool: Spell = (a, t) => (a.u8(t) ?? 0) !== 0;
/** Said only when it is set. */
export const ifTrue: Spell = (a, t) => (a.u8(t) ? true : undefined);
/** A flag without a value: to be there is to be set. */
export const present: Spell = () => true;
export const ifNonZero: Spell = (a, t) => a.u32(t) || undefined;
export const linkName: Spell = (a, t, see) => {
  const index = a.u32(t);
  return index ? see.link(index) : undefined;
};
/** An address, unless it is 0.0.0.0 or ::. */
export const address: Spell = (a, t) => {
  const ip = addressText(a, t);
  return ip === "0.0.0.0" || ip === "::" ? undefined : ip;
};
export const hexText = (n: number): string => (n === 0 ? "0" : `0x${n.toString(16)}`);
export const hex8: Spell = (a, t) => hexText(a.u8(t) ?? 0);
export const hex16: Spell = (a, t) => hexText(a.u16(t) ?? 0);
/** One of a few words by number. */
export const word =
  (words: Readonly<Record<number, string>>, read: Spell, otherwise: (n: number) => string | undefined): Spell =>
  (a, t, see) => {
    const n = read(a, t, see) as number;
    return words[n] ?? otherwise(n);
  };
export const unknownWord = (): string => "unknown";
export const noWord = (): undefined => undefined;

/** Ethertypes, as far as links have them. */
export const etherType: Spell = (a, t) => {
  const n = a.be16(t);
  return n === 0x8100 ? "802.1Q" : n === 0x88a8 ? "802.1ad" : `[${n}]`;
};
