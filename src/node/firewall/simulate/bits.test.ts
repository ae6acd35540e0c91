import { expect, test } from "bun:test";
import fc from "fast-check";
import { atMost, type Bits, begins, exactly, type Maybe, maskXor, within } from "./bits.ts";

const bytes = fc.uint8Array({ minLength: 3, maxLength: 3 });

/** What is left of bytes when only some of their bits are known. */
const partly = (b: Uint8Array, known: Uint8Array): Bits => ({ bytes: b.map((x, i) => x & known[i]!), known });

const agrees = (said: Maybe, truth: boolean): boolean => said === undefined || said === truth;
const number = (b: Uint8Array): number => (b[0]! << 16) | (b[1]! << 8) | b[2]!;

test("what is said of half-known bytes is true whatever the rest is", () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, bytes, (b, known, x, y) => {
      const half = partly(b, known);
      const [n, low, high] = [number(b), number(x), number(y)];
      expect(agrees(begins(half, x), n === low)).toBe(true);
      expect(agrees(atMost(half, x, true), n <= low)).toBe(true);
      expect(agrees(atMost(half, x, false), n < low)).toBe(true);
      expect(agrees(within(half, x, y), low <= n && n <= high)).toBe(true);
    }),
  );
});

test("what is wholly known is always told", () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, (b, x, y) => {
      const n = number(b);
      expect(begins(exactly(b), x)).toBe(n === number(x));
      expect(within(exactly(b), x, y)).toBe(number(x) <= n && n <= number(y));
    }),
  );
});

test("a mask makes bits known: those that it clears", () => {
  const b = maskXor(partly(Uint8Array.of(0xab), Uint8Array.of(0xf0)), Uint8Array.of(0xf0), Uint8Array.of(0x01));
  expect(b).toEqual(exactly(Uint8Array.of(0xa1)));
  const half = maskXor(partly(Uint8Array.of(0xab), Uint8Array.of(0xf0)), Uint8Array.of(0xff), Uint8Array.of(0x01));
  expect(half).toEqual({ bytes: Uint8Array.of(0xa0), known: Uint8Array.of(0xf0) });
});
