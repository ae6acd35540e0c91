/**
 * A report as SARIF 2.1.0 (OASIS): a rule for each check, a result for each finding that is not ok. A node has no source
 * files, so a result's place is a logical one: the node and what the finding speaks of. Pure.
 */
import type { Finding } from "../check.ts";
import { describeFinding } from "./describe.ts";
import type { CheckReport, Report } from "./report.ts";

const levels = { ok: "none", warn: "warning", fail: "error", unknown: "none" } as const satisfies Record<
  Finding["outcome"],
  string
>;

/** A result that is no failure has no level (3.27.10). */
const resultsOf = (node: string, checks: readonly CheckReport[], ruleIds: readonly string[]) =>
  checks.flatMap((check) =>
    check.findings
      .filter((f) => f.outcome !== "ok")
      .map((f) => ({
        ruleId: check.id,
        ruleIndex: ruleIds.indexOf(check.id),
        level: levels[f.outcome],
        kind: f.outcome === "unknown" ? "open" : "fail",
        message: { text: describeFinding(f) },
        locations: [
          { logicalLocations: [{ fullyQualifiedName: f.subject === undefined ? node : `${node}/${f.subject}` }] },
        ],
        ...(check.suppressed === undefined
          ? {}
          : { suppressions: [{ kind: "external", justification: check.suppressed }] }),
      })),
  );

export const renderSarif = ({ nodes, between }: Report, version: string): string => {
  const all = [...nodes.flatMap((n) => n.checks), ...(between ?? [])];
  const rules = [...new Map(all.map((c) => [c.id, c])).values()].map(({ id, name, title, why, severity }) => ({
    id,
    name,
    shortDescription: { text: title },
    fullDescription: { text: why },
    defaultConfiguration: { level: levels[severity] },
  }));
  const ids = rules.map(({ id }) => id);
  const results = [
    ...nodes.flatMap((n) => resultsOf(n.node, n.checks, ids)),
    ...(between ? resultsOf("between nodes", between, ids) : []),
  ];
  const sarif = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "podwire", version, rules } }, results }],
  };
  return `${JSON.stringify(sarif, null, 2)}\n`;
};
