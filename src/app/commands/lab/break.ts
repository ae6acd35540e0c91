/** `podwire lab break`: breaks a node of a lab in one of the ways that checks look for. */
import type { Command } from "commander";
import { FaultError } from "../../../base/fault.ts";
import { nearest } from "../../../base/nearest.ts";
import { tableText } from "../../../base/table.ts";
import { breakNode } from "../../../lab/break/break.ts";
import type { LabFault } from "../../../lab/break/fault.ts";
import { groundOf } from "../../../lab/break/ground.ts";
import { faults } from "../../../lab/faults/registry.ts";
import { lockFile } from "../../../lab/lock.ts";
import { nameFlag } from "../../../lab/topology/lab.ts";
import { openKernel } from "../../../net/kernel.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { enterLab, labName } from "./inside.ts";
import { addNameOption, type NameOption } from "./name-option.ts";

interface Options extends NameOption {
  readonly node?: string;
  readonly list?: boolean;
  readonly dryRun?: boolean;
  readonly explain?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  podwire lab break                        what can be broken
  podwire lab break forwarding             on the first worker
  podwire lab break mtu --node node3 --explain
  podwire lab break clone --dry-run        the shell lines that would do it
  podwire lab check                        does a check find it?
  podwire lab heal                         takes it back
`;

/** @throws FaultError not-found */
export const faultNamed = (name: string): LabFault => {
  const found = faults.find((f) => f.name === name);
  if (found) return found;
  const close = nearest(
    name,
    faults.map((f) => f.name),
  );
  const why = `there is no such fault${close ? `; did you mean ${close}?` : ""}`;
  throw new FaultError({ kind: "not-found", what: `fault ${name}`, why, fix: "podwire lab break --list" });
};

const list = (io: Io): void =>
  io.out(
    tableText([
      ["FAULT", "FOUND BY", "WHAT IS WRONG THEN"],
      ...faults.map((f) => [f.name, f.foundBy.join(", "), f.title]),
    ]),
  );

const peersFlags = ({ peers }: LabFault): string =>
  peers ? ` --peers${peers.length > 0 ? ` --network ${peers.join(",")}` : ""}` : "";

const breakOne = async (io: Io, fault: LabFault, options: Options): Promise<void> => {
  const { place, state } = enterLab(labName(options, io.env), io.env);
  using _ = lockFile(place.lockFile, () => io.err(`another command is at work on lab ${place.name}: waiting for it\n`));
  using kernel = openKernel();
  const ground = groundOf(kernel, place, state, options.node);
  const explain = options.dryRun
    ? (line: string) => io.out(`${line}\n`)
    : options.explain
      ? (line: string) => io.err(`+ ${line}\n`)
      : undefined;
  await breakNode(kernel, place, fault, ground, { explain, dryRun: options.dryRun });
  if (options.dryRun || options.quiet) return;
  const flag = nameFlag(place.name);
  io.err(`${ground.node.name} is broken (${fault.name}): ${fault.title}
  hint:          ${fault.hint}
  what finds it: podwire lab check${flag}${peersFlags(fault)}
  take it back:  podwire lab heal${flag} ${fault.name}\n`);
};

export const breakCommand = (lab: Command, { io, action }: CommandContext): void => {
  addNameOption(lab.command("break"))
    .description("break a node of a lab in a way that a check finds")
    .argument("[fault]", "what to break; without it, the list")
    .option("--node <node>", "which node (default: the first worker)")
    .option("--list", "what can be broken, and which check finds it")
    .option("-q, --quiet", "no hint")
    .option("--dry-run", "print the shell lines that would break it, change nothing")
    .option("--explain", "print each line as it is carried out")
    .addHelpText("after", examples)
    .action(
      action(async (name: string | undefined, options: Options) => {
        if (name === undefined || options.list) list(io);
        else await breakOne(io, faultNamed(name), options);
        return 0;
      }),
    );
};
