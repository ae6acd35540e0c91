/** Runs checks on a node: each on its own, so that one that cannot tell does not silence the rest. */
import { faultFix, faultMessage, faultOf } from "../base/fault.ts";
import type { Asked } from "./asked.ts";
import type { Check, Finding } from "./check.ts";
import type { Host } from "./host.ts";
import { type CheckReport, faceOf, type NodeReport, worstOf } from "./report/report.ts";
import { type Suppression, suppressedBy } from "./suppress.ts";

/** What was thrown, as something that could not be told: the reason, and what it needs. */
const unknownOf = (error: unknown): Finding => {
  const fault = faultOf(error);
  const command = faultFix(fault);
  const denied = fault.kind === "permission" || (fault.kind === "io" && ["EACCES", "EPERM"].includes(fault.errno));
  return {
    outcome: "unknown",
    seen: faultMessage(fault),
    ...(denied ? { want: "root" } : {}),
    ...(command === undefined || denied ? {} : { fix: { command, survivesReboot: false } }),
  };
};

/** @param findings gives what was found, or throws */
const checkReport = (
  check: Omit<Check, "run">,
  findings: () => readonly Finding[],
  suppressions: readonly Suppression[],
): CheckReport => {
  let found: readonly Finding[];
  try {
    found = findings();
  } catch (error) {
    found = [unknownOf(error)];
  }
  const outcome = worstOf(found);
  const well = outcome === "ok" || outcome === "skipped";
  const said = well ? {} : suppressedBy(check, suppressions, new Date().toISOString().slice(0, 10));
  return { ...faceOf(check), outcome, findings: found, ...said };
};

export const runChecks = (
  checks: readonly Check[],
  host: Host,
  asked: Asked,
  suppressions: readonly Suppression[] = [],
  /** What the report calls the node. */
  node = host.name,
): NodeReport => ({
  node,
  roles: asked.roles,
  checks: checks.map((check) => checkReport(check, () => check.run(host, asked), suppressions)),
});

/** A check of something else than one node. */
interface CheckOf<Found> extends Omit<Check, "run"> {
  readonly run: (found: Found) => readonly Finding[];
}

/** What several nodes are together, or what was found between them. */
export const runBetween = <Found>(
  checks: readonly CheckOf<Found>[],
  found: Found,
  suppressions: readonly Suppression[] = [],
): CheckReport[] => checks.map((check) => checkReport(check, () => check.run(found), suppressions));
