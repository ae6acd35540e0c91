/**
 * The one executable. Started under a plugin's name it is that plugin; as `podwire` it is the command line. The plugin
 * path loads nothing else: a pod's start waits for it.
 */
import { FaultError } from "../base/fault.ts";
import { isPluginName } from "../cni/plugins/registry.ts";
import { sys } from "../kernel/os/syscall.ts";
import { writeAll } from "./write-all.ts";

const name = process.argv0.slice(process.argv0.lastIndexOf("/") + 1);

/** A reader such as `head` that has seen enough ends us without a word, as SIGPIPE ends other programs: 128 + 13. */
const writeToReader = (fd: number, text: string): void => {
  try {
    writeAll(fd, text);
  } catch (error) {
    if (!(error instanceof FaultError && error.fault.kind === "io" && error.fault.errno === "EPIPE")) throw error;
    process.exit(141);
  }
};

const main = async (): Promise<number> => {
  if (!isPluginName(name)) {
    // Built for plugins, which are over before compiled code pays for its compiling; a command may run for long.
    Bun.unsafe.setJITPolicy(1);
    const { cliMain } = await import("./cli/cli.ts");
    return cliMain(process.argv.slice(2), writeToReader);
  }
  const { pluginMain } = await import("./plugin-main.ts");
  const { stdout, stderr, exit } = await pluginMain(name);
  if (stderr) writeAll(2, stderr);
  if (stdout) writeAll(1, stdout);
  // At once: all that was opened is the kernel's to close, and nothing is left to be said.
  sys("exit_group", exit);
  return exit;
};

process.exit(await main());
