/** What can be typed after `podwire`, read off the program itself, so that it is never out of date. */
import type { Command, Option } from "commander";

export interface Word {
  readonly word: string;
  readonly about: string;
}

export interface Flag {
  /** `-n`, `--name`: those that there are. */
  readonly flags: readonly string[];
  readonly about: string;
  /** A value follows. */
  readonly takes: boolean;
  /** The values that it may have; empty when others may stand there too. */
  readonly choices: readonly string[];
}

export interface Place {
  /** ` lab up`: the names of the commands, each with a blank before it; empty for the program. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly flags: readonly Flag[];
}

const flagOf = (o: Option): Flag => ({
  flags: [o.short, o.long].filter((f) => f !== undefined),
  about: o.description,
  takes: o.required || o.optional,
  choices: o.argChoices ?? [],
});

/** The command and all below it, from the outside in. */
export const placesOf = (command: Command, path = ""): Place[] => {
  const help = command.createHelp();
  const [argument] = command.registeredArguments;
  const words = help.visibleCommands(command).map((c) => ({ word: c.name(), about: c.description() }));
  const values = (argument?.argChoices ?? []).map((word) => ({ word, about: argument?.description ?? "" }));
  const here = { path, words: [...words, ...values], flags: help.visibleOptions(command).map(flagOf) };
  return [here, ...command.commands.flatMap((c) => placesOf(c, `${path} ${c.name()}`))];
};
