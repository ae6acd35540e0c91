/** A report as a person reads it: the grid, the promises, then each trouble with what to look at. Pure. */
import { displayWidth } from "../base/display-width.ts";
import { tableText } from "../base/table.ts";
import { causeOf, type Failure, groupFailures } from "./group-failures.ts";
import { hintFor } from "./hint.ts";
import { renderMatrix } from "./render-matrix.ts";
import type { PromiseReport, Report } from "./types.ts";

export interface TableOptions {
  /** Width to fit. */
  readonly columns: number;
  readonly color: boolean;
}

/** Troubles told in full. */
const MOST_FAILURES = 20;

const paint = (text: string, { color }: TableOptions): string =>
  color ? text.replace(/✓/g, "\u001b[32m✓\u001b[0m").replace(/✗[A-Z]*/g, "\u001b[31m$&\u001b[0m") : text;

/** A tick is for what was proven in full. */
const signOf = (p: PromiseReport): string => {
  if (p.broken > 0) return "✗";
  if (p.unchecked === 0) return "✓";
  return p.checked > 0 ? "~" : "?";
};

/** What the signs beside ✓ and ✗ mean, when they are there. */
const legendOf = (report: Report): string => {
  const partly = report.promises.filter((p) => signOf(p) === "~" && p.checked + p.unchecked > 0);
  const parts = partly.map((p) => `${p.id} ${p.checked} of ${p.checked + p.unchecked}`).join(", ");
  const none = report.promises.filter((p) => signOf(p) === "?").map((p) => p.id);
  return [
    parts ? `~ checked in part: ${parts}\n` : "",
    none.length > 0 ? `? not checked at all: ${none.join(", ")}\n` : "",
    parts || none.length > 0 ? "Checks that an earlier problem would spoil were left out.\n" : "",
  ].join("");
};

const promiseTable = (report: Report, columns: number): string => {
  const head = ["", "PROMISE", "KEPT", "CHECKED", "UNCHECKED", "MEANING"];
  // A list without nodes says nothing about nodes.
  const asked = report.promises.filter((p) => p.checked + p.unchecked > 0);
  const rows = asked.map((p) => [
    signOf(p),
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

const endOf = ({ summary: s }: Report, among: string): string => {
  if (!s.ok) return `✗ ${s.broken} of ${count(s.checked, "check")} failed ${among}\n`;
  if (s.checked === 0) return `? nothing was proven ${among}\n`;
  if (s.unchecked > 0) return `~ ${count(s.checked, "check")} passed ${among}\n`;
  return `✓ ${s.checked === 1 ? "the only check" : `all ${s.checked} checks`} passed ${among}\n`;
};

export const renderTable = (report: Report, options: TableOptions): string => {
  const failures = groupFailures(report.endpoints, report.findings);
  const rest = failures.length - MOST_FAILURES;
  const { summary: s } = report;
  const unproven = s.unchecked > 0 ? `, ${s.unchecked} could not be checked` : "";
  const among = `among ${count(s.pods, "pod")} and ${count(s.nodes, "node")} in ${s.millis} ms${unproven}`;
  const end = endOf(report, among);
  const parts = [
    renderMatrix(report, options.columns),
    promiseTable(report, options.columns) + legendOf(report),
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
