/** Chapters against plugins that are shell scripts: written to a folder, judged, and gone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planRun, runAll } from "../conformance.ts";
import type { Chapter } from "../schema.ts";
import type { Report } from "../types.ts";

export type Scripts = Readonly<Record<string, string>>;

/** Judges a set of plugins. `act` may use the folder while it is there. */
export const play = async <T>(
  scripts: Scripts,
  chapters: readonly Chapter[],
  act: (report: Report) => T | Promise<T>,
  filters: readonly string[] = [],
): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), "podwire-conformance-"));
  const [binDir, workDir] = [join(folder, "bin"), join(folder, "work")];
  try {
    mkdirSync(binDir);
    mkdirSync(workDir);
    for (const [name, script] of Object.entries(scripts)) writeFileSync(join(binDir, name), script, { mode: 0o755 });
    const plan = planRun(binDir, { chapters, filters, also: [] });
    return await act(await runAll(plan, { binDir, workDir, env: { PATH: process.env.PATH ?? "" } }));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** `id: outcome` of all that did not pass, without versions, each once. */
export const notPassed = (report: Report): string[] => [
  ...new Set(report.cases.filter((c) => c.outcome !== "passed").map((c) => `${c.id.replace(/@.*/, "")}: ${c.outcome}`)),
];
