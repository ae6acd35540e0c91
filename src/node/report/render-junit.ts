/** A report as JUnit XML: a suite for each node and one for what is between them, a case for each check. Pure. */
import { escapeXml, xmlAttributes } from "../../base/xml.ts";
import { describeFinding } from "./describe.ts";
import type { CheckReport, Report } from "./report.ts";

const body = (check: CheckReport): string => {
  if (check.suppressed !== undefined) return `<skipped${xmlAttributes({ message: check.suppressed })}/>`;
  const told = escapeXml([...check.findings.map(describeFinding), check.why].join("\n"));
  const message = check.findings.find((f) => f.outcome === check.outcome)?.seen ?? "";
  switch (check.outcome) {
    case "ok":
      return "";
    case "skipped":
      return `<skipped${xmlAttributes({ message: "not for this node" })}/>`;
    case "unknown":
      return `<skipped${xmlAttributes({ message })}/>`;
    case "warn":
      return `<system-out>${told}</system-out>`;
    case "fail":
      return `<failure${xmlAttributes({ message, type: check.id })}>${told}</failure>`;
  }
};

const suite = (name: string, checks: readonly CheckReport[]): string => {
  const failures = checks.filter((c) => c.suppressed === undefined && c.outcome === "fail").length;
  const skipped = checks.filter((c) => body(c).startsWith("<skipped")).length;
  const cases = checks.map((c) => {
    const head = xmlAttributes({ classname: `podwire.node.${c.area}`, name: `${c.id} ${c.title}` });
    const inner = body(c);
    return inner === "" ? `    <testcase${head}/>\n` : `    <testcase${head}>${inner}</testcase>\n`;
  });
  return `  <testsuite${xmlAttributes({ name, tests: checks.length, failures, skipped })}>\n${cases.join("")}  </testsuite>\n`;
};

export const renderJunit = ({ nodes, between }: Report): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="podwire node check">\n${[
    ...nodes.map((n) => suite(n.node, n.checks)),
    ...(between ? [suite("between nodes", between)] : []),
  ].join("")}</testsuites>\n`;
