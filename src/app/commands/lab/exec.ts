/** `podwire lab exec`: a program inside a node or a pod. Its exit status is ours, because we become it. */
import type { Command } from "commander";
import { execInLab, programExit } from "../../../lab/exec.ts";
import type { CommandContext } from "../../cli/command.ts";
import { showFault } from "../../cli/show-fault.ts";
import { enterLab, labName } from "./inside.ts";
import { addNameOption, type NameOption } from "./name-option.ts";

const examples = `
Examples:
  podwire lab exec node1 -- ip route          routes of the control-plane node
  podwire lab exec pod-1 -- ip addr           addresses of a pod
  podwire lab exec pod-1                      a shell inside it

The exit status is the program's; 127 when there is no such program, 126 when it cannot be executed.
`;

export const execCommand = (lab: Command, { io, action }: CommandContext): void => {
  addNameOption(lab.command("exec"))
    .description("run a program inside a node, a pod or the underlay")
    .argument("<where>", "node1, pod-1, ... or underlay")
    .argument("[command...]", "the program and its arguments; without one, a shell")
    .passThroughOptions()
    .addHelpText("after", examples)
    .action(
      action((where: string, command: string[], flags: NameOption): number => {
        const { place, state } = enterLab(labName(flags, io.env), io.env);
        // A `--` between the name and the program belongs to neither.
        const argv = command[0] === "--" ? command.slice(1) : command;
        try {
          return execInLab(place, state, where, argv.length > 0 ? argv : [io.env.SHELL ?? "/bin/sh"], io.env);
        } catch (error) {
          const exit = programExit(error);
          if (exit === undefined) throw error;
          showFault(io, error);
          return exit;
        }
      }),
    );
};
