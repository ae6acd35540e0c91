import { expect, test } from "bun:test";
import { renderReach } from "./render-reach.ts";
import type { Reach, ReachCell } from "./report.ts";

const cell = (from: number, to: number, over: Partial<ReachCell> = {}): ReachCell => ({
  from,
  to,
  tried: 12,
  failed: 0,
  unknown: 0,
  ...over,
});
const reach: Reach = {
  nodes: ["node1", "노드2"],
  cells: [
    cell(0, 0, { tried: 0 }),
    cell(0, 1, { failed: 3, roundTripMicros: 210, pathMtu: 1400 }),
    cell(1, 0, { unknown: 2, roundTripMicros: 1210 }),
    cell(1, 1, { failed: 12 }),
  ],
};
const lines = (wide: boolean): string[] => renderReach(reach, { color: false, wide }).split("\n").slice(0, 3);

test("a square of who reaches whom, aligned by the width of letters", () => {
  expect(lines(false)).toEqual(["from \\ to  1    2", "1 node1    ·    ✗ 3/12", "2 노드2    ? 2  ✗ all"]);
});

test("the wide form has round trips and sizes", () => {
  expect(lines(true)[1]).toBe("1 node1    ·           ✗ 3/12 0.21ms 1400");
  expect(lines(true)[2]).toBe("2 노드2    ? 2 1.21ms  ✗ all");
});

test("ten nodes with long names fit into eighty columns", () => {
  const nodes = Array.from({ length: 10 }, (_, i) => `ip-10-0-0-${i}.internal`);
  const cells = nodes.flatMap((_, from) => nodes.map((__, to) => cell(from, to)));
  const widths = renderReach({ nodes, cells }, { color: false, wide: false })
    .split("\n")
    .map((line) => line.length);
  expect(Math.max(...widths)).toBeLessThan(80);
});
