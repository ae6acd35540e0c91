/** The command line: parses, loads the one command that was asked for, turns its outcome into an exit status. */
import { fstatSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { commands } from "../commands/registry.ts";
import type { CommandContext } from "./command.ts";
import type { Io } from "./io.ts";
import { showFault } from "./show-fault.ts";
import { version } from "./version.ts";

type Write = (fd: number, text: string) => void;

const isTerminal = (fd: number): boolean => {
  try {
    return fstatSync(fd).isCharacterDevice() && process.env.TERM !== "dumb";
  } catch {
    return false;
  }
};

const processIo = (write: Write): Io => {
  const tty = isTerminal(1);
  return {
    env: process.env,
    tty,
    progress: isTerminal(2),
    columns: tty ? process.stdout.columns || 100 : 100,
    color: tty && !process.env.NO_COLOR,
    out: (text) => write(1, text),
    err: (text) => write(2, text),
  };
};

const examples = `
Examples:
  podwire lab up                       a control-plane node and two workers, in namespaces on this machine
  podwire verify                       prove by traffic that every pod reaches every other
  podwire lab exec pod-1 -- ip addr    look around inside a pod
  podwire lab down                     remove it all
`;

/** Gives the exit status: 0 fine, 1 a problem was found, 2 could not run. */
export const cliMain = async (argv: readonly string[], write: Write, io: Io = processIo(write)): Promise<number> => {
  let exit = 0;
  const context: CommandContext = {
    io,
    action:
      (run) =>
      async (...args) => {
        exit = await run(...args);
      },
  };
  const program = new Command("podwire")
    .description("A Kubernetes pod network that one person can read, prove and repair")
    .version(version, "-V, --version", "print the version")
    .addHelpText("after", examples)
    .showSuggestionAfterError()
    .showHelpAfterError("(podwire --help shows the commands)")
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .exitOverride();
  try {
    // Only the command that is asked for is loaded; help and mistakes need them all.
    const wanted = commands.filter((c) => c.name === argv[0]);
    for (const entry of wanted.length > 0 ? wanted : commands) (await entry.load()).command(program, context);
    for (const sub of program.commands) inherit(sub, program);
    await program.parseAsync(argv, { from: "user" });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    showFault(io, error);
    return 2;
  }
};

const inherit = (command: Command, from: Command): void => {
  command.copyInheritedSettings(from);
  for (const sub of command.commands) inherit(sub, command);
};
