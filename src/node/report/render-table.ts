/** A report as a person reads it: what is wrong first in full, then the rest in a line each. Pure. */
import type { Finding } from "../check.ts";
import type { CheckReport, Outcome, Report } from "./report.ts";

export interface TableOptions {
  readonly color: boolean;
  /** Every check with its evidence, not only those that found something. */
  readonly wide: boolean;
}

const signs = {
  ok: { sign: "✓", word: "ok", sgr: "32" },
  warn: { sign: "!", word: "warn", sgr: "33" },
  fail: { sign: "✗", word: "FAIL", sgr: "31" },
  unknown: { sign: "?", word: "unknown", sgr: "36" },
  skipped: { sign: "·", word: "skipped", sgr: "90" },
} as const satisfies Record<Outcome, { sign: string; word: string; sgr: string }>;

const paint = (text: string, sgr: string, { color }: TableOptions): string =>
  color ? `\u001b[${sgr}m${text}\u001b[0m` : text;

const headOf = (outcome: Outcome, options: TableOptions): string => {
  const { sign, word, sgr } = signs[outcome];
  return paint(`${sign} ${word.padEnd(7)}`, sgr, options);
};

/** Indented below the check's line. */
const findingLines = ({ outcome, subject, seen, want, fix }: Finding): string[] => {
  const of = subject === undefined ? "" : `${subject}: `;
  const wanted = want === undefined ? "" : `${outcome === "unknown" ? "; needs" : "; want"} ${want}`;
  return [
    `${of}${seen}${wanted}`,
    ...(fix ? [`  mend:  ${fix.command}${fix.survivesReboot ? "" : "   (until the next reboot)"}`] : []),
    ...(fix?.undo ? [`  undo:  ${fix.undo}`] : []),
  ];
};

const indent = " ".repeat(10);

const checkLines = (check: CheckReport, options: TableOptions): string[] => {
  const head = `${headOf(check.outcome, options)} ${check.id.padEnd(4)}${check.title}`;
  if (check.suppressed !== undefined)
    return [
      `${headOf("skipped", options)} ${check.id.padEnd(4)}${check.title} (${check.outcome}, suppressed: ${check.suppressed})`,
    ];
  const bad = check.outcome !== "ok" && check.outcome !== "skipped";
  if (!bad) {
    const seen = check.findings.map((f) => (f.subject ? `${f.subject} ${f.seen}` : f.seen));
    return [options.wide && seen.length > 0 ? `${head}: ${seen.join(", ")}` : head];
  }
  const shown = check.findings.filter((f) => options.wide || f.outcome !== "ok");
  return [head, ...shown.flatMap(findingLines).map((line) => `${indent}${line}`), `${indent}why:   ${check.why}`];
};

const order: readonly Outcome[] = ["fail", "warn", "unknown", "ok", "skipped"];

const section = (title: string, checks: readonly CheckReport[], options: TableOptions): string[] => {
  const shown = [...checks]
    .sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome))
    .filter((c) => options.wide || c.outcome !== "skipped");
  return [title, ...shown.flatMap((check) => checkLines(check, options)), ""];
};

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

const summaryLine = ({ summary: s }: Report): string => {
  const rest = [
    ...(s.warn > 0 ? [count(s.warn, "warning")] : []),
    ...(s.unknown > 0 ? [`${s.unknown} could not be told`] : []),
    ...(s.suppressed > 0 ? [`${s.suppressed} suppressed`] : []),
    ...(s.skipped > 0 ? [`${s.skipped} not for this node`] : []),
  ];
  const first =
    s.fail > 0 ? `✗ ${count(s.fail, "check")} failed` : s.ok > 0 ? "✓ nothing failed" : "? nothing could be told";
  return [first, `${s.ok} ok`, ...rest].join(", ");
};

export const renderTable = (report: Report, options: TableOptions): string => {
  const { nodes, between } = report;
  const lines = [
    ...nodes.flatMap((n) => section(`${n.node} · ${n.roles.join(", ")}`, n.checks, options)),
    ...(between ? section("between nodes", between, options) : []),
    summaryLine(report),
  ];
  return `${lines.join("\n")}\n`;
};
