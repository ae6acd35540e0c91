/** A plugin executable's process: its environment and stdin, given to the plugin's border; its streams and exit status. */
import type { SkelOutput } from "../cni/introduce.ts";
import { loadPlugin, type PluginName, pluginFace } from "../cni/plugins/registry.ts";
import { runPlugin } from "../cni/skel.ts";
import { inspectNetns } from "../kernel/os/netns.ts";
import { endWith, readStdin } from "./plugin-streams.ts";

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

export const pluginMain = async (name: PluginName): Promise<void> => endWith(await answer(name));
