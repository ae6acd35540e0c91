import { expect, test } from "bun:test";
import { durationText, parseDuration } from "./duration.ts";

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

test("times are written with their unit", () => {
  expect(["500ms", "30s", "15m", "1h"].map((text) => parseDuration(text, "--for"))).toEqual([500, 30e3, 900e3, 3600e3]);
  for (const text of ["15", "1.5s", "m", "", "-1s", "9999999s"])
    expect(() => parseDuration(text, "--for")).toThrow("--for: got ");
});
