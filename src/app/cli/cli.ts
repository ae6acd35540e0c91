/** The command line: parses, loads the one command that was asked for, turns its outcome into an exit status. */
import { fstatSync } from "node:fs";
import { CommanderError } from "commander";
import { commands } from "../commands/registry.ts";
import type { CommandContext } from "./command.ts";
import type { Io } from "./io.ts";
import { programOf } from "./program.ts";
import { showFault } from "./show-fault.ts";

type Write = (fd: number, text: string) => void;

const isTerminal = (fd: number): boolean => {
  try {
    return fstatSync(fd).isCharacterDevice() && process.env.TERM !== "dumb";
  } catch {
    return false;
  }
};

/** COLUMNS goes before the terminal's own answer, as in other programs. */
const columnsOf = (tty: boolean): number => {
  const said = Number(process.env.COLUMNS);
  if (Number.isInteger(said) && said > 0) return said;
  return (tty && process.stdout.columns) || 100;
};

const processIo = (write: Write): Io => {
  const tty = isTerminal(1);
  return {
    env: process.env,
    tty,
    progress: isTerminal(2),
    columns: columnsOf(tty),
    color: tty && !process.env.NO_COLOR,
    out: (text) => write(1, text),
    err: (text) => write(2, text),
  };
};

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
    whole: () => programOf(commands, context),
  };
  try {
    // Only the command that is asked for is loaded; help and mistakes need them all.
    const wanted = commands.filter((c) => c.name === argv[0]);
    const program = await programOf(wanted.length > 0 ? wanted : commands, context);
    await program.parseAsync(argv, { from: "user" });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    showFault(io, error);
    return 2;
  }
};
