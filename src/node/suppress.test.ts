import { expect, test } from "bun:test";
import { fileSuppressions, parseSuppression, suppressedBy, suppressionsFile } from "./suppress.ts";
import { textHost } from "./testing/text-host.ts";

const known = [
  { id: "K4", name: "swap" },
  { id: "M1", name: "conntrack" },
];
const fromFile = (text: string) => fileSuppressions(textHost({ files: { [suppressionsFile]: text } }), known);

test("--suppress takes an id in any case, or a name, and a reason", () => {
  expect(parseSuppression("k4 = meant = so", known)).toEqual({ check: "k4", reason: "meant = so" });
  expect(parseSuppression("swap=x", known)).toEqual({ check: "swap", reason: "x" });
  for (const text of ["K4", "K4=", "=x", "K4= "]) expect(() => parseSuppression(text, known)).toThrow("CHECK=REASON");
});

test("a check that is not there is refused, with the one that was meant", () => {
  expect(() => parseSuppression("swpa=x", known)).toThrow("did you mean swap?");
  expect(() => parseSuppression("K44=x", known)).toThrow("did you mean K4?");
  expect(() => parseSuppression("elephant=x", known)).toThrow(/^((?!did you mean).)*$/);
});

test("the file of a node: none, an empty one, and one with an end", () => {
  expect(fileSuppressions(textHost({}), known)).toEqual([]);
  expect(fromFile("# nothing\n")).toEqual([]);
  expect(
    fromFile("suppress:\n  - { check: K4, reason: zram, until: 2026-12-31 }\n  - check: conntrack\n    reason: x\n"),
  ).toEqual([
    { check: "K4", reason: "zram", until: "2026-12-31" },
    { check: "conntrack", reason: "x" },
  ]);
});

for (const [text, words] of [
  ["suppress: {", "YAML"],
  ["supress: []", "want a list"],
  ["suppress: [K4]", "suppress[0]: want check: and reason:"],
  ["suppress: [{check: K4}]", "suppress[0].reason: want the reason in words"],
  ["suppress: [{check: K4, reason: x, until: soon}]", "suppress[0].until: want a day"],
  ["suppress: [{check: K4, reason: x, until: 2026-13-01}]", "suppress[0].until: want a day"],
  ["suppress: [{check: K4, reason: x, util: 2026-01-01}]", "suppress[0].util: want check, reason, until"],
  ["suppress: [{check: swpa, reason: x}]", "did you mean swap?"],
] as const)
  test(`the file is refused with ${text}`, () => expect(() => fromFile(text)).toThrow(words));

test("its last day counts; after it what was found counts again, and that is said", () => {
  const s = [{ check: "K4", reason: "zram", until: "2026-12-31" }];
  expect(suppressedBy(known[0]!, s, "2026-12-31")).toEqual({ suppressed: "zram" });
  expect(suppressedBy(known[0]!, s, "2027-01-01")).toEqual({ expired: { reason: "zram", until: "2026-12-31" } });
  expect(suppressedBy(known[0]!, [...s, { check: "swap", reason: "for ever" }], "2027-01-01")).toEqual({
    suppressed: "for ever",
  });
  expect(suppressedBy(known[1]!, s, "2026-01-01")).toEqual({});
});
