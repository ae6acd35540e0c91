/** Who reaches whom, as a square: a row for the one who tries, a column for the one who is reached. Pure. */
import { displayWidth, padDisplay } from "../../base/display-width.ts";
import type { TableOptions } from "./render-table.ts";
import type { Reach, ReachCell } from "./report.ts";

interface Mark {
  readonly text: string;
  /** Of the terminal's colours. */
  readonly sgr: string;
}

const numbers = ({ roundTripMicros, pathMtu }: ReachCell): string[] => [
  ...(roundTripMicros === undefined ? [] : [`${(roundTripMicros / 1000).toFixed(2)}ms`]),
  ...(pathMtu === undefined ? [] : [String(pathMtu)]),
];

const markOf = (cell: ReachCell, wide: boolean): Mark => {
  const { from, to, tried, failed, unknown } = cell;
  const more = wide && from !== to ? numbers(cell) : [];
  const mark = (sign: string, sgr: string): Mark => ({ text: [sign, ...more].join(" "), sgr });
  if (failed > 0) return mark(failed === tried ? "✗ all" : `✗ ${failed}/${tried}`, "31");
  if (unknown > 0) return mark(`? ${unknown}`, "36");
  return tried > 0 ? mark("✓", "32") : mark("·", "90");
};

/** Columns have numbers: ten names beside each other fit on no terminal. */
export const renderReach = ({ nodes, cells }: Reach, { color, wide }: Pick<TableOptions, "color" | "wide">): string => {
  const names = nodes.map((name, i) => `${i + 1} ${name}`);
  const marks = nodes.map((_, from) => nodes.map((__, to) => markOf(cells[from * nodes.length + to]!, wide)));
  const first = Math.max(...names.map(displayWidth), "from \\ to".length);
  const widths = nodes.map((_, to) =>
    Math.max(String(to + 1).length, ...marks.map((row) => displayWidth(row[to]!.text))),
  );
  const paint = ({ text, sgr }: Mark, width: number): string => {
    const padded = padDisplay(text, width);
    return color ? `\u001b[${sgr}m${padded}\u001b[0m` : padded;
  };
  const lines = [
    [padDisplay("from \\ to", first), ...widths.map((w, i) => padDisplay(String(i + 1), w))].join("  "),
    ...names.map((name, from) =>
      [padDisplay(name, first), ...marks[from]!.map((mark, to) => paint(mark, widths[to]!))].join("  "),
    ),
  ];
  const legend = [
    "✓ reached, ✗ not reached/tried, ? cannot be told, · nothing to try",
    ...(wide ? ["then the round trip, and bytes of the largest packet that arrives"] : []),
  ];
  return `${[...lines.map((line) => line.trimEnd()), "", ...legend, ""].join("\n")}\n`;
};
