/** The command line's process: its arguments, its streams, its exit status. */
import { FaultError } from "../base/fault.ts";
import { cliMain } from "./cli/cli.ts";
import { writeAll } from "./write-all.ts";

/** A reader such as `head` that has seen enough ends us without a word, as SIGPIPE ends other programs: 128 + 13. */
const writeToReader = (fd: number, text: string): void => {
  try {
    writeAll(fd, text);
  } catch (error) {
    if (!(error instanceof FaultError && error.fault.kind === "io" && error.fault.errno === "EPIPE")) throw error;
    process.exit(141);
  }
};

export const commandMain = async (): Promise<never> => {
  // Built for plugins, which are over before compiled code pays for its compiling; a command may run for long.
  Bun.unsafe.setJITPolicy(1);
  process.exit(await cliMain(process.argv.slice(2), writeToReader));
};
