/** `podwire cni validate`: what is wrong with a config, where, before a pod finds out. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { faultFix, faultMessage } from "../../../base/fault.ts";
import { duplicateKeys } from "../../../base/json-duplicates.ts";
import { locate } from "../../../base/json-locate.ts";
import { loadNetwork, problemOf, problemText } from "../../../cni/runtime/conf-dir.ts";
import { judge } from "../../../cni/runtime/judge.ts";
import { takenOf } from "../../../cni/runtime/pick.ts";
import type { FileProblem, LoadedNetwork, Networks, Runtime } from "../../../cni/runtime/runtime.ts";
import type { CommandContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { stopsText } from "./list.ts";
import { confDirOf, type HostFlags, hostOptions, runtimeOf } from "./options.ts";

interface Finding {
  readonly is: "error" | "warning" | "fine";
  readonly text: string;
  readonly fix?: string | undefined;
}

export const validateCommand = (cni: Command, { io, action }: CommandContext): void => {
  hostOptions(cni.command("validate [file-or-network]"))
    .description("find mistakes in configs, and plugins that are not installed")
    .addOption(outputOption(["table", "json"], "table"))
    .addHelpText("after", examples)
    .action(
      action(async (what: string | undefined, flags: HostFlags & { output: string }) => {
        const runtime = runtimeOf(flags, io);
        const all = chosen(runtime, what);
        const { networks, problems } = all;
        const findings: Finding[] = problems.map((p) => ({
          is: "error",
          text: problemText(p),
          fix: faultFix(p.fault),
        }));
        for (const network of networks) findings.push(...(await findingsOf(runtime, network)));
        if (flags.output === "json")
          io.out(
            `${JSON.stringify({ apiVersion: "podwire.dev/v1alpha1", kind: "CniValidation", findings }, null, 2)}\n`,
          );
        else for (const finding of findings) io.out(show(finding));
        const { stops } = takenOf(all);
        if (what === undefined && stops) io.err(stopsText(stops));
        if (networks.length + problems.length === 0)
          io.err(`nothing to validate: no network configs in ${confDirOf(flags, io)}\n`);
        return findings.some((f) => f.is === "error") ? 1 : 0;
      }),
    );
};

const examples = `
Examples:
  podwire cni validate                                      everything in /etc/cni/net.d
  podwire cni validate ./10-pods.conflist                   a file before it is installed
  podwire cni validate pods --bin-dir /usr/lib/cni          one network, with plugins from elsewhere
`;

const chosen = (runtime: Runtime, what: string | undefined): Networks => {
  if (what === undefined) return runtime.networks();
  if (!what.includes("/") && !existsSync(what)) return { networks: [runtime.network(what)], problems: [], ignored: [] };
  const file = resolve(what);
  try {
    return { networks: [loadNetwork(file, dirname(file))], problems: [], ignored: [] };
  } catch (error) {
    return { networks: [], problems: [problemOf(file, error)], ignored: [] };
  }
};

const findingsOf = async (runtime: Runtime, network: LoadedNetwork): Promise<Finding[]> => {
  const { file } = network;
  const text = readFileSync(file, "utf8");
  const told = (await judge(network)).map(({ at, fault, is }) => {
    const place = locate(text, at);
    const problem: FileProblem = { file, fault, place };
    return { place, finding: { is, text: problemText(problem), fix: faultFix(fault) } satisfies Finding };
  });
  const twice = duplicateKeys(text).map(({ path, place }) => {
    const words = "the key is there twice, and only this last one counts";
    const finding = {
      is: "warning",
      text: `${file}:${place.line}:${place.column}: ${path}: ${words}`,
    } satisfies Finding;
    return { place, finding };
  });
  const inOrder = [...told, ...twice].sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  const findings: Finding[] = inOrder.map((f) => f.finding);
  for (const { fault } of await runtime.probe(network))
    if (fault) findings.push({ is: "error", text: `${file}: ${faultMessage(fault)}`, fix: faultFix(fault) });
  const plugins = network.plugins.map((p) => (p.ipam ? `${p.type} with ${p.ipam}` : p.type)).join(", ");
  if (!findings.some((f) => f.is === "error"))
    findings.push({ is: "fine", text: `${file}: network ${network.name}, CNI ${network.cniVersion}: ${plugins}` });
  return findings;
};

const show = ({ is, text, fix }: Finding): string =>
  `${is.padEnd("warning".length)}  ${text}\n${fix ? `         mend it: ${fix}\n` : ""}`;
