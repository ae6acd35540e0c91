/**
 * A report as a person reads it: what is wrong first and in full, worst first, then what is well in a line for each area.
 * Words are wrapped; commands are not, so that they can be copied. Pure.
 */
import { wrapText } from "../../base/wrap.ts";
import { areas, type Finding } from "../check.ts";
import { count } from "../finding.ts";
import type { CheckReport, NodeReport, Outcome, Report } from "./report.ts";

export interface TableOptions {
  readonly color: boolean;
  /** Every check with its evidence, not only those that found something. */
  readonly wide: boolean;
  /** Of the terminal. */
  readonly columns: number;
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
/** Columns of a sign with its word, and of an id. */
const headWidth = 9;
const idWidth = 4;

const indent = " ".repeat(headWidth + 1);

/** Behind what takes so many columns, and below it. */
const hanging = (first: string, width: number, text: string, { columns }: TableOptions): string[] =>
  wrapText(text, Math.max(30, columns - width)).map((line, i) => (i === 0 ? first : " ".repeat(width)) + line);

const said = (label: string, text: string, options: TableOptions): string[] =>
  hanging(`${indent}${`${label}:`.padEnd(7)}`, indent.length + 7, text, options);

const titleLines = ({ outcome, id, title }: CheckReport, options: TableOptions): string[] =>
  hanging(`${headOf(outcome, options)} ${id.padEnd(idWidth)}`, headWidth + 1 + idWidth, title, options);

/** Not wrapped: it is to be copied. */
const command = (label: string, line: string): string => `${indent}${`${label}:`.padEnd(7)}${line}`;

const fixLines = ({ fix }: Finding): string[] => {
  if (!fix) return [];
  return [
    command("mend", fix.command),
    ...(fix.survivesReboot ? [] : [`${indent}       (lasts until the next reboot)`]),
    ...(fix.undo === undefined ? [] : [command("undo", fix.undo)]),
  ];
};

const findingLines = (finding: Finding, next: Finding | undefined, options: TableOptions): string[] => {
  const { outcome, subject, seen, want, fix } = finding;
  const of = subject === undefined ? "" : `${subject}: `;
  return [
    ...said("seen", `${of}${seen}`, options),
    ...(want === undefined ? [] : said(outcome === "unknown" ? "needs" : "want", want, options)),
    // What several are mended by is said once, after the last of them.
    ...(fix !== undefined && next?.fix?.command === fix.command ? [] : fixLines(finding)),
  ];
};

const evidence = ({ findings }: CheckReport): string =>
  findings.map((f) => (f.subject ? `${f.subject}: ${f.seen}` : f.seen)).join("; ");

const isBad = ({ outcome, suppressed }: CheckReport): boolean =>
  suppressed === undefined && outcome !== "ok" && outcome !== "skipped";

const badLines = (check: CheckReport, options: TableOptions): string[] => {
  const shown = check.findings.filter((f) => options.wide || f.outcome !== "ok");
  const { expired } = check;
  return [
    ...titleLines(check, options),
    ...said("why", check.why, options),
    ...(expired ? said("note", `suppressed until ${expired.until}, which is over: ${expired.reason}`, options) : []),
    ...shown.flatMap((f, i) => findingLines(f, shown[i + 1], options)),
    "",
  ];
};

const suppressedLine = (check: CheckReport, options: TableOptions): string[] =>
  hanging(
    `${headOf("skipped", options)} ${check.id.padEnd(idWidth)}`,
    headWidth + 1 + idWidth,
    `${check.title} (${check.outcome}, suppressed: ${check.suppressed})`,
    options,
  );

const fullLines = (check: CheckReport, options: TableOptions): string[] => [
  ...titleLines(check, options),
  ...(check.findings.length > 0 ? said("seen", evidence(check), options) : []),
];

const areaWidth = Math.max(...areas.map((area) => area.length)) + 1;

/** `✓ ok      links     link-up, mtu`: names, which docs and --suppress know. */
const shortLines = (checks: readonly CheckReport[], options: TableOptions): string[] =>
  areas.flatMap((area) => {
    const names = checks.filter((c) => c.area === area).map((c) => c.name);
    if (names.length === 0) return [];
    const head = `${headOf("ok", options)} ${area.padEnd(areaWidth)}`;
    return hanging(head, headWidth + 1 + areaWidth, names.join(", "), options);
  });

const worst: readonly Outcome[] = ["fail", "warn", "unknown"];

/** Of several nodes, what is well with one in a line: names are told by `wide`. */
const wellLine = (text: string, options: TableOptions): string => `${headOf("ok", options)} ${text}`;

/** `brief`: one of several nodes. */
const section = (title: string, checks: readonly CheckReport[], options: TableOptions, brief = false): string[] => {
  const bad = worst.flatMap((outcome) => checks.filter((c) => isBad(c) && c.outcome === outcome));
  const suppressed = checks.filter((c) => c.suppressed !== undefined);
  const rest = checks.filter((c) => !isBad(c) && c.suppressed === undefined);
  const ok = rest.filter((c) => c.outcome === "ok");
  const skipped = rest.filter((c) => c.outcome === "skipped");
  const well = (): string[] => {
    if (options.wide) return [...ok, ...skipped].flatMap((check) => fullLines(check, options));
    return brief ? [wellLine(`${count(ok.length, "other check")}`, options)] : shortLines(ok, options);
  };
  return [
    title,
    "",
    ...bad.flatMap((check) => badLines(check, options)),
    ...suppressed.flatMap((check) => suppressedLine(check, options)),
    ...well(),
    "",
  ];
};

const isWell = ({ checks }: NodeReport): boolean => !checks.some((c) => isBad(c) || c.suppressed !== undefined);

const titleOf = ({ node, roles }: NodeReport): string => `${node} · ${roles.join(", ")}`;

/** Nodes with which something is wrong in full, the rest in a line each. */
const severalNodes = (nodes: readonly NodeReport[], options: TableOptions): string[] => {
  const well = nodes.filter(isWell);
  return [
    ...nodes.filter((n) => !isWell(n)).flatMap((n) => section(titleOf(n), n.checks, options, true)),
    ...well.map((n) => wellLine(titleOf(n), options)),
    ...(well.length > 0 ? [""] : []),
  ];
};

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
    ...(nodes.length === 1 || options.wide
      ? nodes.flatMap((n) => section(titleOf(n), n.checks, options))
      : severalNodes(nodes, options)),
    ...(between ? section("between nodes", between, options) : []),
    summaryLine(report),
  ];
  return `${lines.join("\n")}\n`;
};
