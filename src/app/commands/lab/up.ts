/** `podwire lab up`: makes a lab, or sees that it is there already. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import * as v from "valibot";
import { FaultError } from "../../../base/fault.ts";
import { drawLab } from "../../../lab/draw/terminal.ts";
import { lockFile } from "../../../lab/lock.ts";
import { type Env, type LabPlace, labsDir, placeOf } from "../../../lab/place.ts";
import { planLab } from "../../../lab/plan/plan.ts";
import { renderLab } from "../../../lab/plan/render.ts";
import { findPlugins } from "../../../lab/plugins.ts";
import { readState } from "../../../lab/state.ts";
import { defaults, labOf, nameFlag } from "../../../lab/topology/lab.ts";
import { parseTopology } from "../../../lab/topology/read.ts";
import { type Topology, topologySchema } from "../../../lab/topology/schema.ts";
import { makeLab } from "../../../lab/up.ts";
import { continueInside, findHolder, type Holder, startHolder, stopHolder } from "../../../lab/user/holder.ts";
import { needsHolder } from "../../../lab/user/privilege.ts";
import { viewLab } from "../../../lab/view/read.ts";
import { openKernel } from "../../../net/kernel.ts";
import type { CommandContext } from "../../cli/command.ts";
import { listenForInterrupt } from "../../cli/interrupt.ts";
import type { Io } from "../../cli/io.ts";
import { addNameOption, givenName, type NameOption } from "./name-option.ts";

interface UpFlags extends NameOption {
  readonly file?: string;
  readonly nodes?: string;
  readonly pods?: string;
  readonly family?: string;
  readonly underlay?: string;
  readonly subnet?: string;
  readonly subnet6?: string;
  readonly mtu?: string;
  readonly cniBinDir?: string;
  readonly quiet?: boolean;
  readonly dryRun?: boolean;
  readonly explain?: boolean;
}

const examples = `
Examples:
  podwire lab up                                        three nodes, two pods on each
  podwire lab up --nodes 5 --pods 4 --family dual       IPv4 and IPv6
  podwire lab up --name far --underlay router           nodes in two subnets, a router between them
  podwire lab up -f lab.yaml                            the same, written down (schema: docs/lab.schema.json)
  podwire lab up --dry-run                              the shell lines that would make it
`;

const numbers = ["nodes", "pods", "mtu"] as const;
const texts = ["name", "family", "underlay", "subnet", "subnet6", "cniBinDir"] as const;

const optionName = (key: string): string => `--${key.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/** Flags win over the file. @throws FaultError bad-value, bad-syntax */
const topologyOf = (asked: UpFlags): Topology => {
  const name = givenName(asked);
  const flags = { ...asked, ...(name !== undefined && { name }) };
  const file = flags.file === undefined ? {} : parseTopology(readFileSync(flags.file, "utf8"), flags.file);
  const given = {
    ...Object.fromEntries(texts.flatMap((k) => (flags[k] === undefined ? [] : [[k, flags[k]]]))),
    ...Object.fromEntries(numbers.flatMap((k) => (flags[k] === undefined ? [] : [[k, Number(flags[k])]]))),
  };
  const checked = v.safeParse(topologySchema, given);
  if (checked.success) return { ...file, ...checked.output };
  const [issue] = checked.issues;
  const key = String(issue.path?.[0]?.key);
  const got = JSON.stringify(flags[key as keyof UpFlags] ?? "");
  throw new FaultError({
    kind: "bad-value",
    what: optionName(key),
    got,
    want: issue.message.replace(`${key}: `, ""),
    fix: "podwire lab up --help",
  });
};

/** What progress has left on the terminal goes. */
const clearLine = (io: Io): string => (io.progress ? "\r\u001b[K" : "");

/** One line that is written over, on a terminal only. */
const progressOn = (io: Io): ((done: number, all: number, what: string) => void) | undefined =>
  io.progress
    ? (done, all, what) => io.err(`${clearLine(io)}${done < all ? `pods ${done}/${all} ${what}` : ""}`)
    : undefined;

/** The lock ends here: what continues inside takes the lab's own. */
const holderOf = async (place: LabPlace, env: Env): Promise<Holder> => {
  using _ = lockFile(`${place.holderFile}.lock`, () => {});
  return findHolder(place) ?? (await startHolder(place, env));
};

const up = async (io: Io, flags: UpFlags): Promise<number> => {
  const topology = topologyOf(flags);
  const lab = labOf(topology);
  const place = placeOf(lab.name, labsDir(io.env));
  if (flags.dryRun) {
    const plan = planLab(lab, place, findPlugins(lab.cniBinDir).files);
    io.out(`${renderLab(place, plan).join("\n")}\n`);
    return 0;
  }
  findPlugins(lab.cniBinDir); // told before a user's namespaces are made
  if (needsHolder(io.env)) continueInside(await holderOf(place, io.env), place, process.argv.slice(2), io.env);
  using _ = lockFile(place.lockFile, () => io.err(`another command is at work on lab ${lab.name}: waiting for it\n`));
  using kernel = openKernel();
  using interrupt = listenForInterrupt();
  const outcome = await makeLab(kernel, place, topology, {
    signal: interrupt.signal,
    explain: flags.explain ? (line) => io.err(`+ ${line}\n`) : undefined,
    progress: flags.explain ? undefined : progressOn(io),
    log: (line) => io.err(`${line}\n`),
  }).catch(async (error: unknown): Promise<undefined> => {
    // A terminal sends Ctrl-C to the plugins as well: the end of one may be heard of before the signal itself.
    await new Promise(setImmediate);
    io.err(clearLine(io));
    if (!interrupt.signal.aborted) {
      stopHolder(place); // it holds nothing any more
      throw error;
    }
    io.err(`stopped: lab ${lab.name} was not made, and nothing is left of it\n`);
    stopHolder(place);
  });
  if (outcome === undefined) return interrupt.exit();
  const view = viewLab(kernel, readState(place)!);
  io.out(drawLab(view, { columns: io.columns, color: io.color }));
  if (!flags.quiet)
    io.err(
      outcome === "kept"
        ? `lab ${lab.name} is running already, and is as it should be\n`
        : next(lab.name, lab.nodes[0]?.pods[0]?.name ?? "node1"),
    );
  return view.problems.length === 0 ? 0 : 1;
};

const next = (name: string, inside: string): string => {
  const option = nameFlag(name);
  const rows = [
    [`podwire verify${option}`, "prove by traffic that every pod reaches every other"],
    [`podwire lab exec${option} ${inside} -- ip addr`, "look around inside"],
    [`podwire lab status${option}`, "what is there, as the kernel has it"],
    [`podwire lab down${option}`, "remove it all"],
  ] as const;
  const width = Math.max(...rows.map(([command]) => command.length));
  const lines = rows.map(([command, about]) => `  ${command.padEnd(width)}   ${about}\n`);
  return `\nlab ${name} is up. What next:\n${lines.join("")}`;
};

export const upCommand = (lab: Command, { io, action }: CommandContext): void => {
  addNameOption(lab.command("up"), defaults.name)
    .description("make a lab: nodes, the network between them, pods")
    .option("-f, --file <path>", "YAML file of the lab; flags win over it")
    .option("-q, --quiet", "only the drawing, not what to do next")
    .option("--nodes <n>", `number of nodes; the first is the control plane (default: ${defaults.nodes})`)
    .option("--pods <n>", `pods on each node (default: ${defaults.pods})`)
    .option("--family <family>", `ipv4, ipv6 or dual (default: ${defaults.family})`)
    .option("--underlay <kind>", `bridge or router (default: ${defaults.underlay})`)
    .option("--subnet <cidr>", `IPv4 subnet of all pods (default: ${defaults.subnet})`)
    .option("--subnet6 <cidr>", `IPv6 subnet of all pods (default: ${defaults.subnet6})`)
    .option("--mtu <bytes>", `of every link (default: ${defaults.mtu})`)
    .option("--cni-bin-dir <path>", "folder of the CNI plugins to use (default: podwire's own)")
    .option("--dry-run", "print the shell lines that would make it, change nothing")
    .option("--explain", "print each line as it is carried out")
    .addHelpText("after", examples)
    .action(action((flags: UpFlags) => up(io, flags)));
};
