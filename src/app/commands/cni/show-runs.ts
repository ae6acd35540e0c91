/** A plugin call as a person would type it into a shell. */
import { stringifyJson } from "../../../base/json.ts";
import { findProgram } from "../../../cni/plugin-path.ts";
import type { PluginRun } from "../../../cni/runtime/runtime.ts";
import { quote } from "../../../net/plan/quote.ts";

export const showRun = (run: PluginRun, path: readonly string[]): string => {
  const env = Object.entries(run.env)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${quote(value)}`);
  // The delimiter is quoted, so the shell leaves the JSON alone.
  return `${env.join(" ")} ${quote(findProgram(run.plugin, path))} <<'EOF'\n${stringifyJson(run.stdin, 2)}\nEOF\n`;
};

/** ADD hands each plugin what the one before printed, which nobody knows before it has. */
export const showPlan = (runs: readonly PluginRun[], path: readonly string[]): string =>
  runs
    .map((run, i) => {
      const note = run.verb === "ADD" && i > 0 ? `# with "prevResult": what ${runs[i - 1]?.plugin} printed\n` : "";
      return note + showRun(run, path);
    })
    .join("\n");
