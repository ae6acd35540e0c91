import { expect, test } from "bun:test";
import { durationText } from "./duration.ts";

const cases = [
  [0, "0.0 s"],
  [573, "0.6 s"],
  [9_940, "9.9 s"],
  [9_960, "10 s"],
  [59_400, "59 s"],
  [59_500, "1 min 0 s"],
  [167_263, "2 min 47 s"],
] as const;

for (const [millis, text] of cases) test(`${millis} ms is ${text}`, () => expect(durationText(millis)).toBe(text));
