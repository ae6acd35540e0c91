/** The program as commander knows it: what is said of it, and its commands. */
import { Command } from "commander";
import type { CommandEntry } from "../commands/registry.ts";
import type { CommandContext } from "./command.ts";
import { version } from "./version.ts";

const examples = `
Examples:
  podwire lab up                       a control-plane node and two workers, in namespaces on this machine
  podwire verify                       prove by traffic that every pod reaches every other
  podwire lab exec pod-1 -- ip addr    look around inside a pod
  podwire lab down                     remove it all
`;

/** With these commands, each loaded now. */
export const programOf = async (entries: readonly CommandEntry[], context: CommandContext): Promise<Command> => {
  const { io } = context;
  const program = new Command("podwire")
    .description("A Kubernetes pod network that one person can read, prove and repair")
    .version(version, "-V, --version", "print the version")
    .addHelpText("after", examples)
    .showSuggestionAfterError()
    .showHelpAfterError("(podwire --help shows the commands)")
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
    })
    // Commander's own limit, 40, leaves long lines to terminals of 60 columns.
    .configureHelp({ minWidthToWrap: 20 })
    .exitOverride();
  for (const entry of entries) (await entry.load()).command(program, context);
  for (const sub of program.commands) inherit(sub, program);
  return program;
};

const inherit = (command: Command, from: Command, path = from.name()): void => {
  const own = `${path} ${command.name()}`;
  command.copyInheritedSettings(from);
  command.showHelpAfterError(`usage: ${own} ${command.usage()} (${own} --help says more)`);
  for (const sub of command.commands) inherit(sub, command, own);
};
