/** JSON text to values and back without losing digits: integers beyond 2^53 are bigint. */
import { parseStrictly } from "./json-syntax.ts";
import type { Json } from "./json-types.ts";

/** What the built-in parser would round (16 digits and more) or turn into Infinity (exponents of three digits). */
const maybeInexact = /\d{16}|[eE]\+?\d{3}/;

/**
 * The value of a JSON text; `file` is the name that faults show.
 * @throws FaultError bad-syntax with line and column (from 1), expected and got.
 */
export const parseJson = (text: string, file: string): Json => {
  if (!maybeInexact.test(text))
    try {
      return JSON.parse(text) as Json;
    } catch {
      // The built-in message has no line: parse again for one.
    }
  return parseStrictly(text, file);
};

/** JSON text of a value, bigint as a number. `indent` is the count of spaces per level; absent means one line. */
export const stringifyJson = (value: Json, indent?: number): string => {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch {
    // There is a bigint in it, which is rare, and asking at each value costs.
    return JSON.stringify(value, (_, v: unknown) => (typeof v === "bigint" ? rawJson(v.toString()) : v), indent);
  }
};

/** ECMAScript's JSON.rawJSON: a number written digit for digit. Not in TypeScript's library yet. */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
