/** What checks found on one or several nodes, as it is printed and as `-o json` gives it. */
import type { Area, Check, Finding, Severity } from "../check.ts";
import type { Role } from "../ports/row.ts";

/** `skipped`: it does not apply to this node. */
export type Outcome = Finding["outcome"] | "skipped";

export interface CheckReport {
  readonly id: string;
  readonly name: string;
  readonly area: Area;
  readonly severity: Severity;
  readonly title: string;
  readonly why: string;
  /** The worst of its findings. */
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
  /** Reason given by the one who does not want to hear of it: what it found does not count. */
  readonly suppressed?: string;
  /** A suppression that is over: what it found counts again. `until` is a day: `2026-12-31`. */
  readonly expired?: { readonly reason: string; readonly until: string };
}

export interface NodeReport {
  readonly node: string;
  readonly roles: readonly Role[];
  readonly checks: readonly CheckReport[];
}

export interface Summary {
  readonly ok: number;
  readonly warn: number;
  readonly fail: number;
  readonly unknown: number;
  readonly skipped: number;
  readonly suppressed: number;
}

/** How nodes reach each other, in their places in `nodes`: what is tried from one to another, put together. */
export interface Reach {
  readonly nodes: readonly string[];
  /** Of every ordered pair, in the order of `from`, then `to`. */
  readonly cells: readonly ReachCell[];
}

export interface ReachCell {
  readonly from: number;
  readonly to: number;
  /** Ways of the table: ports and families. */
  readonly tried: number;
  readonly failed: number;
  readonly unknown: number;
  /** Of the quickest. */
  readonly roundTripMicros?: number;
  /** Bytes of the largest packet that arrives, of the family where that is less. */
  readonly pathMtu?: number;
}

export interface Report {
  readonly apiVersion: "podwire.dev/v1alpha1";
  readonly kind: "NodeCheck";
  readonly nodes: readonly NodeReport[];
  /** What was compared or tried between nodes; absent for one node alone. */
  readonly between?: readonly CheckReport[];
  /** Only when nodes tried to reach each other. */
  readonly reach?: Reach;
  readonly summary: Summary;
}

const worse: readonly Outcome[] = ["skipped", "ok", "unknown", "warn", "fail"];

export const worstOf = (findings: readonly Pick<Finding, "outcome">[]): Outcome =>
  findings.reduce<Outcome>((w, f) => (worse.indexOf(f.outcome) > worse.indexOf(w) ? f.outcome : w), "skipped");

/** What is said of a check besides what it found. */
export const faceOf = ({ id, name, area, severity, title, why }: Omit<Check, "run">): Omit<Check, "run"> => ({
  id,
  name,
  area,
  severity,
  title,
  why,
});

export const reportOf = (nodes: readonly NodeReport[], between?: readonly CheckReport[], reach?: Reach): Report => {
  const all = [...nodes.flatMap((n) => n.checks), ...(between ?? [])];
  const count = (outcome: Outcome): number =>
    all.filter((c) => c.suppressed === undefined && c.outcome === outcome).length;
  return {
    apiVersion: "podwire.dev/v1alpha1",
    kind: "NodeCheck",
    nodes,
    ...(between ? { between } : {}),
    ...(reach ? { reach } : {}),
    summary: {
      ok: count("ok"),
      warn: count("warn"),
      fail: count("fail"),
      unknown: count("unknown"),
      skipped: count("skipped"),
      suppressed: all.filter((c) => c.suppressed !== undefined).length,
    },
  };
};

/** 0 nothing to mend, 1 something failed, 2 nothing could be told. Warnings alone are no failure. */
export const exitOf = ({ summary: { ok, warn, fail } }: Report): 0 | 1 | 2 => {
  if (fail > 0) return 1;
  return ok + warn > 0 ? 0 : 2;
};
