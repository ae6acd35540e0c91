/** Verdicts counted per promise, and the report made of them. Pure. */
import type { Verdict } from "./judge.ts";
import { promises } from "./promises.ts";
import type { Endpoint, Finding, Pair, PromiseId, PromiseReport, Report } from "./types.ts";

export interface Tally {
  add(verdict: Verdict): void;
  skip(promise: PromiseId, count: number): void;
  /** Something between the two was left out. */
  doubt(pair: Pair): void;
  report(about: { endpoints: readonly Endpoint[]; notes: readonly string[]; millis: number }): Report;
}

/** Counts what was asked for only; keeps broken findings first to last, and the others when `keep` is `all`. */
export const newTally = (wanted: readonly PromiseId[], keep: "all" | "broken"): Tally => {
  const counts = new Map(wanted.map((id) => [id, { checked: 0, broken: 0, unchecked: 0 }]));
  const findings: Finding[] = [];
  const unchecked = new Map<string, Pair>();
  const doubt = ({ from, to }: Pair): void => void unchecked.set(`${from}\n${to}`, { from, to });
  const promiseReports = (): PromiseReport[] =>
    promises.flatMap(({ id, title }) => {
      const c = counts.get(id);
      return c ? [{ id, title, ok: c.broken === 0, ...c }] : [];
    });
  return {
    add: (verdict) => {
      const count = counts.get(verdict.promise);
      if (!count) return;
      if ("unchecked" in verdict) {
        count.unchecked++;
        doubt(verdict);
        return;
      }
      count.checked++;
      if (!verdict.ok) count.broken++;
      if (!verdict.ok || keep === "all") findings.push(verdict);
    },
    doubt,
    skip: (promise, n) => {
      const count = counts.get(promise);
      if (count) count.unchecked += n;
    },
    report: ({ endpoints, notes, millis }) => {
      const reports = promiseReports();
      const sum = (key: "checked" | "broken" | "unchecked"): number => reports.reduce((n, p) => n + p[key], 0);
      return {
        apiVersion: "podwire.dev/v1alpha1",
        kind: "VerifyReport",
        endpoints,
        promises: reports,
        findings,
        unchecked: [...unchecked.values()],
        notes,
        summary: {
          ok: sum("broken") === 0,
          pods: endpoints.filter((e) => e.kind === "pod").length,
          nodes: endpoints.filter((e) => e.kind === "node").length,
          checked: sum("checked"),
          broken: sum("broken"),
          unchecked: sum("unchecked"),
          millis,
        },
      };
    },
  };
};
