/** The suite: chapters and a folder of plugins in, a report out. */
import { FaultError } from "../base/fault.ts";
import { expand, idMatcher } from "./expand.ts";
import { needsAsker } from "./needs.ts";
import { findPlugins } from "./plugins.ts";
import { runCase } from "./run-case.ts";
import type { Chapter } from "./schema.ts";
import type { Ground } from "./stage.ts";
import {
  type Case,
  type CaseReport,
  type Counts,
  type FoundPlugin,
  judgedOf,
  type Outcome,
  type Report,
} from "./types.ts";

export interface Selection {
  readonly chapters: readonly Chapter[];
  /** Patterns of ids; none means all. */
  readonly filters: readonly string[];
  /** Names of plugins that no chapter is about, to be judged by what holds for all. */
  readonly also: readonly string[];
}

export interface Plan {
  readonly plugins: readonly FoundPlugin[];
  readonly cases: readonly Case[];
  readonly notes: readonly string[];
}

/** What would be run. @throws FaultError not-found */
export const planRun = (binDir: string, { chapters, filters, also }: Selection): Plan => {
  const known = new Set([...chapters.flatMap((c) => c.plugin ?? []), ...also]);
  const { plugins, strangers } = findPlugins(binDir, known);
  refuseAbsent(binDir, also, plugins);
  const matchers = filters.map(idMatcher);
  const wanted = (c: Case): boolean => matchers.length === 0 || matchers.some((fits) => fits(c.id));
  const notes =
    strangers.length === 0 ? [] : [`not run, since no case is about them: ${strangers.join(", ")} (--also NAME)`];
  return { plugins, cases: expand(chapters, plugins).filter(wanted), notes };
};

/** Nothing would be tried with it, and nobody would notice. */
const refuseAbsent = (binDir: string, also: readonly string[], plugins: readonly FoundPlugin[]): void => {
  const absent = also.find((name) => !plugins.some((p) => p.name === name));
  if (absent === undefined) return;
  const why = "there is no executable file of that name";
  throw new FaultError({ kind: "not-found", what: `--also ${absent} in ${binDir}`, why, fix: `ls -l ${binDir}` });
};

const outcomes: readonly Outcome[] = ["passed", "failed", "differs", "skipped", "broken"];
const countsOf = (cases: readonly CaseReport[]): Counts => {
  const count = (outcome: Outcome): number => cases.filter((c) => c.outcome === outcome).length;
  return Object.fromEntries(outcomes.map((o) => [o, count(o)])) as Record<Outcome, number>;
};

/** In the order of the cases; plugins that no case is about are told in a note. */
const reportOf = (
  binDir: string,
  plan: Plan,
  cases: readonly CaseReport[],
  notes: string[],
  millis: number,
): Report => {
  const names = [...new Set(cases.map((c) => c.plugin))];
  const plugins = names.map((name) => {
    const versions = plan.plugins.find((p) => p.name === name)?.versions ?? [];
    return { name, versions, ...countsOf(cases.filter((c) => c.plugin === name)) };
  });
  const counts = countsOf(cases);
  return {
    apiVersion: "podwire.dev/v1alpha1",
    kind: "ConformanceReport",
    binDir,
    plugins,
    cases,
    notes,
    summary: { ...counts, ok: counts.failed === 0 && counts.broken === 0 && judgedOf(counts) > 0, millis },
  };
};

/** Runs the cases one after the other. Wants namespaces and folders that it may do with what it likes. */
export const runAll = async (
  plan: Plan,
  ground: Ground,
  progress?: (done: number, all: number, id: string) => void,
): Promise<Report> => {
  const begun = performance.now();
  const lacks = needsAsker(ground.env);
  const cases: CaseReport[] = [];
  for (const c of plan.cases) {
    progress?.(cases.length, plan.cases.length, c.id);
    const lacking = c.skip === undefined ? c.needs.map(lacks).find((x) => x !== undefined) : undefined;
    cases.push(await runCase(c, ground, c.skip ?? (lacking && `needs ${lacking}`)));
  }
  progress?.(cases.length, plan.cases.length, "");
  const notes = [...plan.notes];
  const nft = lacks("nft");
  if (nft) notes.push(`rules of nf_tables that a plugin leaves behind are not seen: needs ${nft}`);
  return reportOf(ground.binDir, plan, cases, notes, Math.round(performance.now() - begun));
};
