/** A plugin executable: the process's environment and stdin, given to the plugin's border. */
import { loadPlugin, type PluginName, pluginFace } from "../cni/plugins/registry.ts";
import { runPlugin, type SkelOutput } from "../cni/skel.ts";
import { fstatSync, isCharacterDevice, readText } from "../kernel/os/files.ts";
import { inspectNetns } from "../kernel/os/netns.ts";

/** All of stdin; nothing from a terminal, which would wait for someone to type. */
const readStdin = (): string => (isCharacterDevice(fstatSync(0)) ? "" : readText(0));

export const pluginMain = async (name: PluginName): Promise<SkelOutput> => {
  const env = process.env;
  const lines: string[] = [];
  const output = await runPlugin(pluginFace(name), {
    env,
    stdin: readStdin,
    netns: { inspect: inspectNetns },
    load: () => loadPlugin(name),
    ports: async () => {
      const { openPorts } = await import("./plugin-ports.ts");
      return openPorts(env, (line) => void lines.push(`${name}: ${line}\n`));
    },
  });
  return { ...output, stderr: output.stderr + lines.join("") };
};
