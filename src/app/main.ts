/**
 * The one executable. Started under a plugin's name it is that plugin; as `podwire` it is the command line. The plugin
 * path loads nothing else: a pod's start waits for it.
 */
import { writeSync } from "node:fs";
import { isPluginName } from "../cni/plugins/registry.ts";

const name = process.argv0.slice(process.argv0.lastIndexOf("/") + 1);

/** Writes all of it, also into a pipe that is full for the moment. */
const write = (fd: number, text: string): void => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; )
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
};

/** A reader such as `head` that has seen enough ends us without a word, as SIGPIPE ends other programs: 128 + 13. */
const writeToReader = (fd: number, text: string): void => {
  try {
    write(fd, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
    process.exit(141);
  }
};

const main = async (): Promise<number> => {
  if (!isPluginName(name)) {
    const { cliMain } = await import("./cli/cli.ts");
    return cliMain(process.argv.slice(2), writeToReader);
  }
  const { pluginMain } = await import("./plugin-main.ts");
  const { stdout, stderr, exit } = await pluginMain(name);
  if (stderr) write(2, stderr);
  if (stdout) write(1, stdout);
  return exit;
};

process.exit(await main());
