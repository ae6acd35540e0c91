import { expect, test } from "bun:test";
import { tableText } from "./table.ts";

test("columns are straight whatever the script, and no line ends in blanks", () => {
  const rows = [
    ["NAME", "N", "STATE"],
    ["서울", "10", ""],
    ["a", "9"],
  ];
  expect(tableText(rows, { right: [1] })).toBe("NAME   N  STATE\n서울  10\na      9\n");
  expect(tableText([["a", "b"]], { gap: 3 })).toBe("a   b\n");
  expect(tableText([])).toBe("");
});
