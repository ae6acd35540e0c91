/** A report as JUnit XML: a suite for each promise, a case for each pair in it. Pure. Wants a report that kept all findings. */
import { escapeXml, xmlAttributes } from "../base/xml.ts";
import { hintFor } from "./hint.ts";
import type { Finding, PromiseReport, Report } from "./types.ts";

const seconds = (micros: number): string => (micros / 1e6).toFixed(6);
const microsOf = (findings: readonly Finding[]): number => findings.reduce((n, f) => n + (f.micros ?? 0), 0);

const pairsOf = (findings: readonly Finding[]): Finding[][] => {
  const pairs = new Map<string, Finding[]>();
  for (const f of findings) {
    const key = `${f.from}\n${f.to}\n${f.fromIp}\n${f.toIp}`;
    const pair = pairs.get(key);
    if (pair) pair.push(f);
    else pairs.set(key, [f]);
  }
  return [...pairs.values()];
};

const testCase = (report: Report, pair: readonly Finding[]): string => {
  const f = pair[0]!;
  const name =
    f.promise === "unique-address" ? `${f.from} ${f.fromIp}` : `${f.from} (${f.fromIp}) to ${f.to} (${f.toIp})`;
  const head = xmlAttributes({ classname: `podwire.verify.${f.promise}`, name, time: seconds(microsOf(pair)) });
  const broken = pair.filter((x) => !x.ok);
  if (broken.length === 0) return `    <testcase${head}/>\n`;
  const words = broken.map((b) => [b.proto, b.error].filter(Boolean).join(": "));
  const text = escapeXml([...words, `look: ${hintFor(report.endpoints, broken[0]!)}`].join("\n"));
  const failure = `<failure${xmlAttributes({ message: words.join("; "), type: f.promise })}>${text}</failure>`;
  return `    <testcase${head}>${failure}</testcase>\n`;
};

const suite = (report: Report, promise: PromiseReport): string => {
  const findings = report.findings.filter((f) => f.promise === promise.id);
  const pairs = pairsOf(findings);
  const failures = pairs.filter((p) => p.some((f) => !f.ok)).length;
  const head = xmlAttributes({ name: promise.id, tests: pairs.length, failures, time: seconds(microsOf(findings)) });
  const cases = pairs.map((p) => testCase(report, p)).join("");
  return `  <testsuite${head}>\n${cases}  </testsuite>\n`;
};

export const renderJunit = (report: Report): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="podwire verify">\n${report.promises
    .map((p) => suite(report, p))
    .join("")}</testsuites>\n`;
