/** Rows of cells as lines of equal columns, aligned by display width; the first row decides how many there are. */
import { displayWidth, padDisplay } from "./display-width.ts";

export interface TableForm {
  /** Columns that stand at their right edge, as figures do. */
  readonly right?: readonly number[];
  /** Blanks between columns; 2 when absent. */
  readonly gap?: number;
}

/** No line ends in blanks. */
export const tableText = (rows: readonly (readonly string[])[], { right = [], gap = 2 }: TableForm = {}): string => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => displayWidth(r[i] ?? ""))));
  const line = (r: readonly string[]): string =>
    widths
      .map((width, i) => padDisplay(r[i] ?? "", width, right.includes(i) ? "start" : "end"))
      .join(" ".repeat(gap))
      .trimEnd();
  return rows.map((r) => `${line(r)}\n`).join("");
};
