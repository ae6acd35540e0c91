/** `podwire conformance`: judges any folder of CNI plugins from outside, by the specification's own clauses. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FaultError } from "../../base/fault.ts";
import { builtInChapters } from "../../conformance/cases/registry.ts";
import { type Plan, planRun, runAll } from "../../conformance/conformance.ts";
import { parseChapter } from "../../conformance/parse.ts";
import { renderJunit } from "../../conformance/render-junit.ts";
import { renderList, renderTable } from "../../conformance/render-table.ts";
import { judgedOf, type Report } from "../../conformance/types.ts";
import type { CommandModule } from "../cli/command.ts";
import type { Io } from "../cli/io.ts";
import { outputOption } from "../cli/output-option.ts";
import { continueInside, isInside, searchPath } from "./conformance/inside.ts";

const outputs = ["table", "json", "junit"] as const;

interface Options {
  readonly binDir: string;
  readonly filter?: readonly string[];
  readonly cases?: readonly string[];
  readonly also?: readonly string[];
  readonly json?: string;
  readonly junit?: string;
  readonly list?: boolean;
  readonly all?: boolean;
  readonly output: (typeof outputs)[number];
}

const examples = `
Examples:
  podwire conformance --bin-dir /opt/cni/bin                     every case for every plugin in the folder
  podwire conformance --bin-dir /usr/lib/cni --filter 'bridge/*' one plugin
  podwire conformance --bin-dir dist/cni --filter '*@1.1.0'      one version of the specification
  podwire conformance --bin-dir dist/cni --list                  what would be run
  podwire conformance --bin-dir dist/cni --junit report.xml      for a build server
  podwire conformance --bin-dir my/bin --cases my-plugin.yaml    cases of your own (schema: docs/conformance.schema.json)

Everything happens in temporary network namespaces; as an ordinary user, in a user namespace.
A case that fails breaks a rule of the specification. A case that differs does less than one could wish, which is allowed.
Exit status: 0 no rule is broken, 1 one is, 2 could not run, nothing could be judged, or a case's own setup failed.
`;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const clear = "\r\u001b[K";

/** One line that is written over, on a terminal only. */
const progressOn = (io: Io): ((done: number, all: number, id: string) => void) | undefined =>
  io.progress ? (done, all, id) => io.err(`${clear}${done < all ? `${done}/${all} ${id}` : ""}`) : undefined;

const render = (report: Report, { output, all = false }: Options, io: Io): string => {
  if (output === "json") return `${JSON.stringify(report, null, 2)}\n`;
  return output === "junit" ? renderJunit(report) : renderTable(report, { color: io.color, all });
};

const list = (plan: Plan, { output }: Options): string => {
  const rows = plan.cases.map(({ id, plugin, version, level, title, clause, skip }) => ({
    ...{ id, plugin, version, level, title, clause },
    ...(skip === undefined ? {} : { skip }),
  }));
  return output === "json" ? `${JSON.stringify(rows, null, 2)}\n` : renderList(plan.cases);
};

const writeReports = (report: Report, { json, junit }: Options): void => {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  if (junit !== undefined) writeFileSync(junit, renderJunit(report));
};

const noCase = ({ filter = [], binDir }: Options): FaultError => {
  const what = `a case that fits ${filter.join(", ")}`;
  return new FaultError({
    kind: "not-found",
    what,
    why: filter.length > 0 ? "there is none" : "no case is about these plugins",
    fix: `podwire conformance --bin-dir ${binDir} --list`,
  });
};

/** Folders that have to be there inside. */
const keptFolders = ({ binDir, json, junit, cases = [] }: Options): string[] =>
  [
    binDir,
    process.cwd(),
    dirname(process.execPath),
    ...[json, junit, ...cases].flatMap((f) => (f ? dirname(f) : [])),
  ].map((folder) => resolve(folder));

const run = async (options: Options, io: Io): Promise<number> => {
  if (!isInside(io.env)) continueInside(keptFolders(options), io.env);
  const { filter = [], also = [], cases = [] } = options;
  const own = cases.map((file) => parseChapter(readFileSync(file, "utf8"), file));
  const chapters = own.length > 0 ? own : builtInChapters();
  const binDir = resolve(options.binDir);
  const plan = planRun(binDir, { chapters, filters: filter, also });
  if (plan.cases.length === 0) throw noCase(options);
  if (options.list) {
    io.out(list(plan, options));
    return 0;
  }
  const workDir = "/run/podwire-conformance";
  mkdirSync(workDir, { recursive: true });
  const ground = { binDir, workDir, env: { PATH: searchPath(io.env) } };
  const report = await runAll(plan, ground, progressOn(io));
  writeReports(report, options);
  io.out(render(report, options, io));
  const { summary } = report;
  if (summary.broken > 0 || judgedOf(summary) === 0) return 2;
  return summary.ok ? 0 : 1;
};

export const command: CommandModule["command"] = (program, { io, action }) => {
  program
    .command("conformance")
    .description("test any folder of CNI plugins against the specification")
    .requiredOption("--bin-dir <dir>", "the folder of plugins, such as /opt/cni/bin")
    .option("--filter <glob>", "only cases whose id fits, such as 'bridge/*'; may be given again", collect)
    .option("--cases <file>", "cases of your own instead of those built in; may be given again", collect)
    .option(
      "--also <name>",
      "a plugin without cases of its own: run those that hold for all; may be given again",
      collect,
    )
    .option("--list", "what would be run, and what is skipped and why")
    .option("--all", "with a table: also how to reproduce differences, and every skipped case")
    .option("--json <file>", "write the report there as JSON, too")
    .option("--junit <file>", "write the report there as JUnit XML, too")
    .addOption(outputOption(outputs, "table"))
    .addHelpText("after", examples)
    .action(action((options: Options) => run(options, io)));
};
