import { expect, test } from "bun:test";
import fc from "fast-check";
import { displayWidth, padDisplay } from "./display-width.ts";

test("text is as wide as the runtime's own table says", () => {
  for (const text of [
    "",
    "node-1",
    "노드-1",
    "마스터 노드",
    "漢字かな",
    "ｆｕｌｌ",
    "é",
    "e\u0301",
    "→✓✗·",
    "\u1112\u1161\u11ab",
    "a\u200bb",
  ])
    expect([text, displayWidth(text)]).toEqual([text, Bun.stringWidth(text)]);
});

test("any mix of Latin and Hangul is as wide as the runtime says", () => {
  const part = fc.oneof(
    fc.string({ maxLength: 5 }).map((s) => s.replace(/[^ -~]/g, "")),
    fc.constantFrom("가", "힣", "노드", "ㅎ"),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      expect(displayWidth(parts.join(""))).toBe(Bun.stringWidth(parts.join("")));
    }),
  );
});

test("padding counts columns, at either side, and never cuts", () => {
  expect(padDisplay("노드", 6)).toBe("노드  ");
  expect(padDisplay("노드", 6, "start")).toBe("  노드");
  expect(padDisplay("노드-10", 3)).toBe("노드-10");
});
