/** A command: one file in `commands/` and one line in its registry. */
import type { Command as Commander } from "commander";
import type { Io } from "./io.ts";

/** Exit status: 0 fine, 1 a problem was found, 2 could not run. */
export type Exit = 0 | 1 | 2 | number;

export interface CommandContext {
  readonly io: Io;
  /** Wraps an action: its number is the exit status; what it throws is shown as a person reads it, with exit status 2. */
  action<A extends readonly unknown[]>(run: (...args: A) => Promise<Exit> | Exit): (...args: A) => Promise<void>;
  /** The program with every command in it; the one that runs may have no more than was asked for. */
  whole(): Promise<Commander>;
}

export interface CommandModule {
  /** Adds the command (and its sub-commands) to the program. */
  readonly command: (program: Commander, context: CommandContext) => void;
}
