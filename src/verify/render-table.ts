/** A report as a person reads it: the grid, the promises, then each trouble with what to look at. Pure. */
import { displayWidth } from "../base/display-width.ts";
import { tableText } from "../base/table.ts";
import { causeOf, type Failure, groupFailures } from "./group-failures.ts";
import { hintFor } from "./hint.ts";
import { renderMatrix } from "./render-matrix.ts";
import type { Report } from "./types.ts";

export interface TableOptions {
  /** Width to fit. */
  readonly columns: number;
  readonly color: boolean;
}

/** Troubles told in full. */
const MOST_FAILURES = 20;

const paint = (text: string, { color }: TableOptions): string =>
  color ? text.replace(/✓/g, "\u001b[32m✓\u001b[0m").replace(/✗[A-Z]*/g, "\u001b[31m$&\u001b[0m") : text;

const promiseTable = (report: Report, columns: number): string => {
  const head = ["", "PROMISE", "KEPT", "CHECKED", "UNCHECKED", "MEANING"];
  // A list without nodes says nothing about nodes.
  const asked = report.promises.filter((p) => p.checked + p.unchecked > 0);
  const rows = asked.map((p) => [
    p.broken > 0 ? "✗" : p.checked > 0 ? "✓" : "?",
    p.id,
    String(p.checked - p.broken),
    String(p.checked),
    String(p.unchecked),
    p.title,
  ]);
  const right = [2, 3, 4];
  const table = tableText([head, ...rows], { right });
  // On a narrow terminal the figures are worth more than the words.
  if (table.split("\n").every((line) => displayWidth(line) <= columns)) return table;
  return tableText(
    [head, ...rows].map((r) => r.slice(0, -1)),
    { right },
  );
};

const failureText = (report: Report, failure: Failure, all: readonly Failure[]): string => {
  const { first: f, protos, fromNode, toNode, pairs } = failure;
  const over = protos.length > 0 ? ` (${protos.join(", ")})` : "";
  const who = f.promise === "unique-address" ? f.from : `${f.from} (${f.fromIp}) → ${f.to} (${f.toIp})`;
  const more = pairs > 1 ? `\n  the same for ${pairs - 1} more, ${fromNode} → ${toNode}` : "";
  const cause = causeOf(failure, all);
  const hint = cause
    ? `${cause.first.from} has no route to ${cause.first.toIp}, as told above`
    : hintFor(report.endpoints, f);
  return `✗ ${f.promise}${over}: ${who}: ${f.error}${more}\n  look: ${hint}\n`;
};

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

export const renderTable = (report: Report, options: TableOptions): string => {
  const failures = groupFailures(report.endpoints, report.findings);
  const rest = failures.length - MOST_FAILURES;
  const { summary: s } = report;
  const unproven = s.unchecked > 0 ? `, ${s.unchecked} could not be checked` : "";
  const among = `among ${count(s.pods, "pod")} and ${count(s.nodes, "node")} in ${s.millis} ms${unproven}`;
  const end = s.ok
    ? `✓ ${s.checked === 1 ? "the only check" : `all ${s.checked} checks`} passed ${among}\n`
    : `✗ ${s.broken} of ${count(s.checked, "check")} failed ${among}\n`;
  const parts = [
    renderMatrix(report, options.columns),
    promiseTable(report, options.columns),
    failures
      .slice(0, MOST_FAILURES)
      .map((f) => failureText(report, f, failures))
      .join(""),
    rest > 0 ? `… and ${count(rest, "more trouble")}: -o json has them all\n` : "",
    report.notes.map((n) => `note: ${n}\n`).join(""),
    end,
  ];
  return paint(parts.filter((p) => p !== "").join("\n"), options);
};
