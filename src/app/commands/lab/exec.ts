/** `podwire lab exec`: a program inside a node or a pod. Its exit status is ours, because we become it. */
import type { Command } from "commander";
import { execInLab } from "../../../lab/exec.ts";
import type { CommandContext } from "../../cli/command.ts";
import { enterLab, labName, type NameOption, nameOption } from "./inside.ts";

const examples = `
Examples:
  podwire lab exec node1 -- ip route          routes of the control-plane node
  podwire lab exec pod-1 -- ip addr           addresses of a pod
  podwire lab exec pod-1                      a shell inside it
`;

export const execCommand = (lab: Command, { io, action }: CommandContext): void => {
  lab
    .command("exec")
    .description("run a program inside a node, a pod or the underlay")
    .argument("<where>", "node1, pod-1, ... or underlay")
    .argument("[command...]", "the program and its arguments; without one, a shell")
    .option(...nameOption)
    .passThroughOptions()
    .addHelpText("after", examples)
    .action(
      action((where: string, command: string[], flags: NameOption): number => {
        const { place, state } = enterLab(labName(flags, io.env), io.env);
        // A `--` between the name and the program belongs to neither.
        const argv = command[0] === "--" ? command.slice(1) : command;
        return execInLab(place, state, where, argv.length > 0 ? argv : [io.env.SHELL ?? "/bin/sh"], io.env);
      }),
    );
};
