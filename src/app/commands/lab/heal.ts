/** `podwire lab heal`: takes back what `lab break` did, exactly. */
import type { Command } from "commander";
import { FaultError } from "../../../base/fault.ts";
import { readBroken } from "../../../lab/break/broken.ts";
import { healNodes, linesOfHealing } from "../../../lab/break/heal.ts";
import { lockFile } from "../../../lab/lock.ts";
import { openKernel } from "../../../net/kernel.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { faultNamed } from "./break.ts";
import { enterLab, labName } from "./inside.ts";
import { addNameOption, type NameOption } from "./name-option.ts";

interface Options extends NameOption {
  readonly node?: string;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly explain?: boolean;
}

const examples = `
Examples:
  podwire lab heal                 everything that was broken
  podwire lab heal mtu             this alone, on every node that has it
  podwire lab heal mtu --node node3
`;

const heal = (io: Io, fault: string | undefined, options: Options): void => {
  const { place } = enterLab(labName(options, io.env), io.env);
  using _ = lockFile(place.lockFile, () => io.err(`another command is at work on lab ${place.name}: waiting for it\n`));
  const broken = readBroken(place);
  const chosen = broken.filter(
    (b) => (fault === undefined || b.fault === fault) && (options.node === undefined || b.node === options.node),
  );
  if (chosen.length === 0) {
    const others = broken.map((b) => `${b.fault} on ${b.node}`).join(", ");
    io.err(`nothing to heal${broken.length > 0 ? `, but ${others}` : ""}\n`);
    return;
  }
  if (options.dryRun) {
    for (const line of chosen.toReversed().flatMap(linesOfHealing)) io.out(`${line}\n`);
    return;
  }
  using kernel = openKernel();
  const is = (b: { fault: string; node: string }): boolean =>
    chosen.some((c) => c.fault === b.fault && c.node === b.node);
  const healed = healNodes(kernel, place, is, options.explain ? (line) => io.err(`+ ${line}\n`) : undefined);
  for (const { fault: name, node } of healed) io.err(`${node} is healed (${name})\n`);
};

export const healCommand = (lab: Command, { io, action }: CommandContext): void => {
  addNameOption(lab.command("heal"))
    .description("take back what lab break did")
    .argument("[fault]", "what to heal (default: everything)")
    .option("--node <node>", "on this node alone")
    .option("--all", "everything that was broken")
    .option("--dry-run", "print the shell lines that would heal, change nothing")
    .option("--explain", "print each line as it is carried out")
    .addHelpText("after", examples)
    .action(
      action((fault: string | undefined, options: Options) => {
        if (fault !== undefined && options.all)
          throw new FaultError({ kind: "bad-value", what: "--all", got: `with ${fault}`, want: "one of the two" });
        heal(io, fault === undefined ? undefined : faultNamed(fault).name, options);
        return 0;
      }),
    );
};
