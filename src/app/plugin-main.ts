/** A plugin executable's process: its environment and stdin, given to the plugin's border; its streams and exit status. */
import { loadPlugin, type PluginName, pluginFace } from "../cni/plugins/registry.ts";
import { runPlugin, type SkelOutput } from "../cni/skel.ts";
import { fstatSync, isCharacterDevice, readText } from "../kernel/os/files.ts";
import { inspectNetns } from "../kernel/os/netns.ts";
import { sys } from "../kernel/os/syscall.ts";
import { writeAll } from "./write-all.ts";

/** All of stdin; nothing from a terminal, which would wait for someone to type. */
const readStdin = (): string => (isCharacterDevice(fstatSync(0)) ? "" : readText(0));

const answer = async (name: PluginName): Promise<SkelOutput> => {
  const env = process.env;
  const lines: string[] = [];
  const output = await runPlugin(pluginFace(name), {
    env,
    stdin: readStdin,
    netns: { inspect: inspectNetns },
    load: () => loadPlugin(name),
    ports: async () =>
      (await import("./plugin-ports.ts")).openPorts(env, (line) => void lines.push(`${name}: ${line}\n`)),
  });
  return { ...output, stderr: output.stderr + lines.join("") };
};

export const pluginMain = async (name: PluginName): Promise<void> => {
  const { stdout, stderr, exit } = await answer(name);
  if (stderr) writeAll(2, stderr);
  if (stdout) writeAll(1, stdout);
  // At once: all that was opened is the kernel's to close, and nothing is left to be said.
  sys("exit_group", exit);
};
