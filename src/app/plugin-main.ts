/** A plugin executable: the process's environment and stdin, given to the plugin's border. */
import { fstatSync, readFileSync } from "node:fs";
import { systemClock } from "../base/clock.ts";
import { openDelegate } from "../cni/delegate.ts";
import { loadPlugin, type PluginName } from "../cni/plugins/registry.ts";
import { runPlugin, type SkelOutput } from "../cni/skel.ts";
import { openWireLog } from "../kernel/conn/wire-log.ts";
import { inspectNetns } from "../kernel/os/netns.ts";
import { openKernel } from "../net/kernel.ts";

/** All of stdin; nothing from a terminal, which would wait for someone to type. */
const readStdin = (): string => (fstatSync(0).isCharacterDevice() ? "" : readFileSync(0, "utf8"));

export const pluginMain = async (name: PluginName): Promise<SkelOutput> => {
  const env = process.env;
  const lines: string[] = [];
  const output = await runPlugin(await loadPlugin(name), {
    env,
    stdin: readStdin,
    netns: { inspect: inspectNetns },
    ports: () => {
      const wire = env.PODWIRE_WIRE_LOG;
      const kernel = openKernel(wire ? { wireLog: openWireLog(wire) } : {});
      const base = { kernel, clock: systemClock, log: (line: string): void => void lines.push(`${name}: ${line}\n`) };
      return { ...base, delegate: openDelegate(base, { env }) };
    },
  });
  return { ...output, stderr: output.stderr + lines.join("") };
};
