import { expect, test } from "bun:test";
import { Copy, type Seen } from "./watch.ts";

const at = (key: string, n: number) => ({ key, row: { key, n } });
const brief = (seen: readonly (Seen | undefined)[]): unknown[] =>
  seen.map((s) => s && [s.sign, (s.row as { n: number }).n, (s.was as { n: number } | undefined)?.n]);

test("what is new, what changed, what is gone; what is known is no change", () => {
  const copy = new Copy(false, [at("a", 1)]);
  expect(brief([copy.add(at("a", 1), false), copy.add(at("a", 2), false), copy.add(at("b", 1), false)])).toEqual([
    undefined,
    ["~", 2, 1],
    ["+", 1, undefined],
  ]);
  expect(brief([copy.remove(at("a", 9)), copy.remove(at("a", 9))])).toEqual([["-", 2, undefined], undefined]);
});

test("where several have one key, a new one stands beside the rest unless it replaces", () => {
  const copy = new Copy(true, [at("a", 1)]);
  expect(brief([copy.add(at("a", 2), false), copy.add(at("a", 3), true), copy.remove(at("a", 3))])).toEqual([
    ["+", 2, undefined],
    ["~", 3, 2],
    ["-", 3, undefined],
  ]);
});

test("after an overrun the state is read anew, and what differs is told", () => {
  const copy = new Copy(false, [at("a", 1), at("b", 1), at("c", 1)]);
  expect(brief(copy.replace([at("b", 2), at("c", 1), at("d", 1)]))).toEqual([
    ["-", 1, undefined],
    ["~", 2, 1],
    ["+", 1, undefined],
  ]);
  expect(copy.replace([at("b", 2), at("c", 1), at("d", 1)])).toEqual([]);
});
