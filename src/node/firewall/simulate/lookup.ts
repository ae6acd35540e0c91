/** Looking a key up in a set of which some elements are ranges, when the key may not be known wholly. */
import { hex } from "../../../base/bytes.ts";
import type { SetElement, SetThere } from "../ruleset/model.ts";
import { all, type Bits, begins, isExact, type Maybe, slice, within } from "./bits.ts";

export interface Found {
  readonly element: SetElement;
  /** Undefined when it may be this one. */
  readonly sure: Maybe;
}

const width = (n: number): number => Math.ceil(n / 4) * 4;

/** Each field of a concatenation stands in whole words. */
const holds = (set: SetThere, key: Bits, e: SetElement): Maybe => {
  if (!e.key) return false;
  const end = e.end;
  if (!end) return begins(key, e.key);
  let at = 0;
  return all(
    set.fields.map((n) => {
      const one = within(slice(key, at, n), e.key!.subarray(at, at + n), end.subarray(at, at + n));
      at += width(n);
      return one;
    }),
  );
};

const indexes = new WeakMap<SetThere, ReadonlyMap<string, SetElement>>();

const indexOf = (set: SetThere): ReadonlyMap<string, SetElement> => {
  const there = indexes.get(set);
  if (there) return there;
  const made = new Map(set.elements.flatMap((e) => (e.key ? [[hex(e.key), e] as const] : [])));
  indexes.set(set, made);
  return made;
};

/** How many bytes of the registers a key of the set takes. */
export const keyLength = (set: SetThere): number =>
  set.fields.reduce((sum, n, i) => {
    const last = i === set.fields.length - 1;
    return sum + (last && set.fields.length === 1 ? n : width(n));
  }, 0);

/** The elements that it may be, surest first; none when it is surely none of them. */
export const lookup = (set: SetThere, key: Bits): Found[] => {
  const rest = set.elements.find((e) => !e.key);
  const orRest = (): Found[] => (rest ? [{ element: rest, sure: true }] : []);
  if (isExact(key) && !set.elements.some((e) => e.end)) {
    const element = indexOf(set).get(hex(key.bytes));
    return element ? [{ element, sure: true }] : orRest();
  }
  const maybe: Found[] = [];
  for (const element of set.elements) {
    const sure = holds(set, key, element);
    if (sure === true) return [{ element, sure }];
    if (sure === undefined) maybe.push({ element, sure });
  }
  return maybe.length > 0 ? [...maybe, ...(rest ? [{ element: rest, sure: undefined }] : [])] : orRest();
};
