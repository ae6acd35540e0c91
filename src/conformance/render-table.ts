/** A report as a person reads it: what failed and how to see it by hand, what differs, then a row for each plugin. Pure. */
import { durationText } from "../base/duration.ts";
import { tableText } from "../base/table.ts";
import { notInFolder } from "./expand.ts";
import { type Case, type CaseReport, type Finding, judgedOf, type PluginReport, type Report } from "./types.ts";

export interface TableOptions {
  readonly color: boolean;
  /** Also the lines that reproduce differences, and every skipped case. */
  readonly all: boolean;
}

export const findingWords = (f: Finding): string => `${f.at}: expected ${f.expected}, seen ${f.seen}`;

interface Group {
  readonly first: CaseReport;
  readonly others: CaseReport[];
}

/** Cases that find the same in several plugins or versions are told once. */
const grouped = (cases: readonly CaseReport[]): Group[] => {
  const groups = new Map<string, Group>();
  for (const c of cases) {
    const key = JSON.stringify([c.title, c.findings.map((f) => [f.at, f.expected === c.version ? "" : f.expected])]);
    const group = groups.get(key);
    if (group) group.others.push(c);
    else groups.set(key, { first: c, others: [] });
  }
  return [...groups.values()];
};

const sameFor = ({ first, others }: Group): string => {
  if (others.length === 0) return "";
  const plugins = [...new Set(others.map((c) => c.plugin))];
  const words = plugins.map((plugin) => {
    const versions = others.filter((c) => c.plugin === plugin).map((c) => c.version);
    if (versions.length === 1 && versions[0] === first.version) return plugin;
    return plugin === first.plugin ? `CNI ${versions.join(", ")}` : `${plugin} (${versions.join(", ")})`;
  });
  return `\n  the same: ${words.join(", ")}`;
};

const block = (mark: string, group: Group, lines: boolean): string => {
  const c = group.first;
  // What is only a difference is not mixed with what is a violation.
  const found = c.findings.filter((f) => c.outcome === "differs" || f.level === "must");
  const words = found.map((f) => `\n  ${f.at}\n    expected: ${f.expected}\n    seen:     ${f.seen}`);
  const script = lines ? `\n  reproduce:\n${c.reproduce.join("\n").replace(/^/gm, "    ")}` : "";
  return `${mark} ${c.id}: ${c.title}\n  clause: ${c.clause}${words.join("")}${sameFor(group)}${script}\n`;
};

const reasons = (cases: readonly CaseReport[], all: boolean): string => {
  const skipped = cases.filter((c) => c.outcome === "skipped");
  const broken = cases.filter((c) => c.outcome === "broken").map((c) => `! ${c.id}: broken: ${c.reason}\n`);
  return broken.join("") + skippedWords(skipped, all);
};

const skippedWords = (skipped: readonly CaseReport[], all: boolean): string => {
  if (all) return skipped.map((c) => `- ${c.id}: skipped: ${c.reason}\n`).join("");
  const counts = new Map<string, number>();
  for (const c of skipped.filter((one) => one.reason !== notInFolder))
    counts.set(c.reason ?? "", (counts.get(c.reason ?? "") ?? 0) + 1);
  return [...counts].map(([reason, n]) => `- ${n} skipped: ${reason}\n`).join("");
};

const isThere =
  (report: Report) =>
  (p: PluginReport): boolean =>
    report.cases.some((c) => c.plugin === p.name && c.reason !== notInFolder);

const absent = (report: Report): string => {
  const names = report.plugins.filter((p) => !isThere(report)(p)).map((p) => p.name);
  return names.length === 0 ? "" : `note: not in the folder: ${names.join(", ")}\n`;
};

const pluginTable = (report: Report): string => {
  const head = ["", "PLUGIN", "PASSED", "FAILED", "DIFFERS", "SKIPPED", "BROKEN", "CNI VERSIONS"];
  const rows = report.plugins
    .filter(isThere(report))
    .map((p) => [
      p.failed > 0 ? "✗" : p.broken > 0 ? "!" : judgedOf(p) > 0 ? "✓" : "-",
      p.name,
      ...[p.passed, p.failed, p.differs, p.skipped, p.broken].map(String),
      p.versions.length > 0 ? `${p.versions[0]} to ${p.versions.at(-1)}` : "none told",
    ]);
  return tableText([head, ...rows], { right: [2, 3, 4, 5, 6] });
};

const paint = (text: string, { color }: TableOptions): string =>
  color
    ? text
        .replace(/^✓/gm, "\u001b[32m✓\u001b[0m")
        .replace(/^✗/gm, "\u001b[31m✗\u001b[0m")
        .replace(/^!/gm, "\u001b[31m!\u001b[0m")
        .replace(/^≠/gm, "\u001b[33m≠\u001b[0m")
    : text;

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

const endLine = ({ summary: s }: Report): string => {
  const judged = judgedOf(s);
  const rest = [
    ...(s.differs > 0 ? [count(s.differs, "case differs", "cases differ")] : []),
    ...(s.skipped > 0 ? [`${s.skipped} skipped`] : []),
    ...(s.broken > 0 ? [`${s.broken} broken`] : []),
  ];
  const tail = `${rest.map((words) => `, ${words}`).join("")} in ${durationText(s.millis)}\n`;
  const violated = `${s.failed} of ${count(judged, "case")} ${s.failed === 1 ? "violates" : "violate"} a clause`;
  if (s.failed > 0) return `✗ ${violated}${tail}`;
  if (judged === 0) return `! nothing was judged${tail}`;
  return `${s.ok ? "✓" : "!"} no clause is violated in ${count(judged, "case")}${tail}`;
};

export const renderTable = (report: Report, options: TableOptions): string => {
  const of = (outcome: CaseReport["outcome"]) => grouped(report.cases.filter((c) => c.outcome === outcome));
  const parts = [
    of("failed")
      .map((g) => block("✗", g, true))
      .join("\n"),
    of("differs")
      .map((g) => block("≠", g, options.all))
      .join("\n"),
    reasons(report.cases, options.all),
    absent(report) + report.notes.map((note) => `note: ${note}\n`).join(""),
    pluginTable(report),
    endLine(report),
  ];
  return paint(parts.filter((part) => part !== "").join("\n"), options);
};

/** `--list`: what would be run. */
export const renderList = (cases: readonly Case[]): string =>
  tableText([
    ["ID", "LEVEL", "TITLE"],
    ...cases.map((c) => [c.id, c.level, c.skip ? `${c.title} (skipped: ${c.skip})` : c.title]),
  ]);
