/** A report as JUnit XML: a suite for each plugin, a case for each case. A difference passes, and is told as output. Pure. */
import { escapeXml, xmlAttributes } from "../base/xml.ts";
import { findingWords } from "./render-table.ts";
import type { CaseReport, PluginReport, Report } from "./types.ts";

const body = (c: CaseReport): string => {
  const first = c.findings.find((f) => f.level === "must") ?? c.findings[0];
  const told = escapeXml([c.clause, ...c.findings.map(findingWords), "", ...c.reproduce].join("\n"));
  switch (c.outcome) {
    case "passed":
      return "";
    case "skipped":
      return `<skipped${xmlAttributes({ message: c.reason ?? "" })}/>`;
    case "broken":
      return `<error${xmlAttributes({ message: c.reason ?? "" })}/>`;
    case "failed":
      return `<failure${xmlAttributes({ message: first ? findingWords(first) : "", type: c.clause })}>${told}</failure>`;
    case "differs":
      return `<system-out>${told}</system-out>`;
  }
};

const testCase = (c: CaseReport): string => {
  const name = `${c.id.slice(c.plugin.length + 1)}: ${c.title}`;
  const head = xmlAttributes({
    classname: `podwire.conformance.${c.plugin}`,
    name,
    time: (c.millis / 1000).toFixed(3),
  });
  const inner = body(c);
  return inner === "" ? `    <testcase${head}/>\n` : `    <testcase${head}>${inner}</testcase>\n`;
};

const suite = (report: Report, plugin: PluginReport): string => {
  const cases = report.cases.filter((c) => c.plugin === plugin.name);
  const time = (cases.reduce((n, c) => n + c.millis, 0) / 1000).toFixed(3);
  const { name, failed: failures, broken: errors, skipped } = plugin;
  const head = xmlAttributes({ name, tests: cases.length, failures, errors, skipped, time });
  return `  <testsuite${head}>\n${cases.map(testCase).join("")}  </testsuite>\n`;
};

export const renderJunit = (report: Report): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="podwire conformance">\n${report.plugins
    .map((p) => suite(report, p))
    .join("")}</testsuites>\n`;
