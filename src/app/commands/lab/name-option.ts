/** Which lab is meant: `--name`, the same for every command that works on one. */
import { type Command, Option } from "commander";

export interface NameOption {
  readonly name?: string;
  /** `--lab`, which is understood as well. */
  readonly lab?: string;
}

export const addNameOption = (command: Command, usual = "the only one, or podwire"): Command =>
  command
    .option("-n, --name <lab>", `name of the lab (default: ${usual})`)
    .addOption(new Option("--lab <lab>", "the same as --name").hideHelp());

export const givenName = ({ name, lab }: NameOption): string | undefined => name ?? lab;
