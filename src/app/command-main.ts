/** The command line's process: its arguments, its streams, its exit status. */
import { cliMain } from "./cli/cli.ts";
import { writeToReader } from "./write-to-reader.ts";

export const commandMain = async (): Promise<never> => {
  // Built for plugins, which are over before compiled code pays for its compiling; a command may run for long.
  Bun.unsafe.setJITPolicy(1);
  process.exit(await cliMain(process.argv.slice(2), writeToReader));
};
