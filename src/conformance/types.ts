/** What a run of the suite is made of and what it gives: plugins, cases, findings, the report. Values, and how they count. */
import type { CaseSpec, CniVersion, Level } from "./schema.ts";

/** An executable of the folder, as it answers VERSION. */
export interface FoundPlugin {
  readonly name: string;
  readonly path: string;
  /** What it claims; empty when its answer could not be read, and then `trouble` says why. */
  readonly versions: readonly string[];
  readonly trouble?: string;
}

/** One case for one plugin and one version, with everything that its chapter adds. */
export interface Case {
  /** Such as `bridge/add-makes-a-bridge@1.0.0`. */
  readonly id: string;
  readonly plugin: string;
  readonly version: CniVersion;
  readonly title: string;
  readonly clause: string;
  readonly level: Level;
  readonly config: Readonly<Record<string, unknown>>;
  readonly needs: readonly string[];
  readonly uses: readonly string[];
  readonly setup: readonly string[];
  readonly spec: CaseSpec;
  /** Why it is not run. */
  readonly skip?: string;
}

export type Outcome = "passed" | "failed" | "differs" | "skipped" | "broken";

/** One expectation that was not met. */
export interface Finding {
  readonly level: Level;
  /** Such as `step 2, DEL: exit status`. */
  readonly at: string;
  readonly expected: string;
  readonly seen: string;
}

export interface CaseReport {
  readonly id: string;
  readonly plugin: string;
  readonly version: CniVersion;
  readonly title: string;
  readonly clause: string;
  readonly level: Level;
  readonly outcome: Outcome;
  /** Why it was skipped, or could not be judged. */
  readonly reason?: string;
  readonly findings: readonly Finding[];
  /** Shell lines that do by hand what was done up to the first finding. */
  readonly reproduce: readonly string[];
  readonly millis: number;
}

export type Counts = Readonly<Record<Outcome, number>>;

/** Cases of which the plugin's part was seen. */
export const judgedOf = ({ passed, failed, differs }: Counts): number => passed + failed + differs;

export interface PluginReport extends Counts {
  readonly name: string;
  readonly versions: readonly string[];
}

export interface Report {
  readonly apiVersion: "podwire.dev/v1alpha1";
  readonly kind: "ConformanceReport";
  readonly binDir: string;
  readonly plugins: readonly PluginReport[];
  readonly cases: readonly CaseReport[];
  readonly notes: readonly string[];
  /** `ok`: no clause is violated, and that can be told: nothing is broken, and something was judged. */
  readonly summary: Counts & { readonly ok: boolean; readonly millis: number };
}
