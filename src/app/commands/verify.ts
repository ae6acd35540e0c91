/** `podwire verify`: proves the pod network's promises by traffic, and says which are broken between whom. */
import { FaultError } from "../../base/fault.ts";
import { openKernel } from "../../net/kernel.ts";
import { endpointOfNetns } from "../../verify/netns-endpoint.ts";
import { promiseIds } from "../../verify/promises.ts";
import { renderJunit } from "../../verify/render-junit.ts";
import { renderTable } from "../../verify/render-table.ts";
import { type Endpoint, type PromiseId, type Proto, protocols, type Report } from "../../verify/types.ts";
import { defaultTimeoutMs, verify } from "../../verify/verify.ts";
import type { CommandModule } from "../cli/command.ts";
import type { Io } from "../cli/io.ts";
import { outputOption } from "../cli/output-option.ts";
import { endpointsFor } from "./lab/inside.ts";
import { addNameOption, givenName, type NameOption } from "./lab/name-option.ts";

const outputs = ["table", "json", "junit"] as const;

interface Options extends NameOption {
  readonly netns?: readonly string[];
  readonly nodeNetns?: readonly string[];
  readonly protocol?: string;
  readonly only?: string;
  readonly timeout: string;
  readonly output: (typeof outputs)[number];
  readonly all?: boolean;
}

const examples = `
Examples:
  podwire verify                                     every pod and node of the lab
  podwire verify --netns a --netns b                 two namespaces, addresses read from the kernel
  podwire verify --netns a=10.244.1.2 --netns b      one of them said to have 10.244.1.2
  podwire verify --netns a@node-1 --netns b@node-2   where they are, for the grid and the hints
  podwire verify --netns a --netns b --protocol tcp --only pod-to-pod
  podwire verify --netns a --netns b -o junit > verify.xml

Promises: ${promiseIds.join(", ")}
Exit status: 0 all kept, 1 one is broken or could not be checked in full, 2 could not run.
`;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const listOf = <T extends string>(
  text: string | undefined,
  known: readonly T[],
  what: string,
): readonly T[] | undefined =>
  text?.split(",").map((word) => {
    const found = known.find((k) => k === word);
    if (found !== undefined) return found;
    throw new FaultError({ kind: "bad-value", what, got: word, want: known.join(", "), fix: "podwire verify --help" });
  });

/** `1`, `0.5`, `500ms`, `2s` to milliseconds. */
export const parseTimeout = (text: string): number => {
  const [, digits, unit] = text.match(/^(\d+(?:\.\d+)?)(ms|s)?$/) ?? [];
  const ms = Number(digits) * (unit === "ms" ? 1 : 1000);
  if (ms >= 1 && ms <= 600_000) return Math.round(ms);
  const want = "seconds such as 1 or 0.5, or 500ms";
  throw new FaultError({ kind: "bad-value", what: "--timeout", got: text, want, fix: "podwire verify --timeout 2s" });
};

const endpointsOf = (options: Options, env: Io["env"]): readonly Endpoint[] => {
  const { netns = [], nodeNetns = [] } = options;
  if (netns.length + nodeNetns.length === 0) return endpointsFor(env)(givenName(options));
  using kernel = openKernel();
  return [
    ...netns.map((text) => endpointOfNetns(kernel, text, "pod")),
    ...nodeNetns.map((text) => endpointOfNetns(kernel, text, "node")),
  ];
};

const render = (report: Report, output: (typeof outputs)[number], io: Io): string => {
  if (output === "json") return `${JSON.stringify(report, null, 2)}\n`;
  return output === "junit" ? renderJunit(report) : renderTable(report, io);
};

/** One line that is written over, on a terminal only; `clear` takes it away, since probes that ran out of time end uncounted. */
const clear = "\r\u001b[K";
const progressOn = (io: Io): ((done: number, total: number) => void) | undefined => {
  let shown = -1;
  if (!io.progress) return undefined;
  return (done, total) => {
    const percent = Math.floor((100 * done) / Math.max(1, total));
    if (percent === shown) return;
    shown = percent;
    io.err(`${clear}${done < total ? `${done} of ${total} probes` : ""}`);
  };
};

const run = (options: Options, io: Io): number => {
  const { output } = options;
  const asked: { protocols?: readonly Proto[]; promises?: readonly PromiseId[] } = {};
  const protos = listOf(options.protocol, protocols, "--protocol");
  if (protos) asked.protocols = protos;
  const only = listOf(options.only, promiseIds, "--only");
  if (only) asked.promises = only;
  const onProgress = progressOn(io);
  const report = verify(endpointsOf(options, io.env), {
    ...asked,
    timeoutMs: parseTimeout(options.timeout),
    keep: output === "junit" || options.all ? "all" : "broken",
    ...(onProgress ? { onProgress } : {}),
  });
  if (io.progress) io.err(clear);
  io.out(render(report, output, io));
  const { ok, unchecked } = report.summary;
  return ok && unchecked === 0 ? 0 : 1;
};

export const command: CommandModule["command"] = (program, { io, action }) => {
  addNameOption(program.command("verify"))
    .description("prove the pod network's promises by real traffic")
    .option(
      "--netns <netns[@node][=ip,...]>",
      "a pod's network namespace, by name or path; may be given again",
      collect,
    )
    .option("--node-netns <netns[=ip,...]>", "a node's network namespace; may be given again", collect)
    .option("--protocol <list>", `only these, of ${protocols.join(",")}`)
    .option("--only <list>", "only these promises; a list with commas")
    .option("--timeout <time>", "how long one probe may take", `${defaultTimeoutMs}ms`)
    .option("--all", "with -o json: also what passed")
    .addOption(outputOption(outputs, "table"))
    .addHelpText("after", examples)
    .action(action((options: Options) => run(options, io)));
};
