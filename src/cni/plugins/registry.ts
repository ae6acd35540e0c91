/** The plugins of this executable, each loaded when it is first asked for. */
import type { Plugin } from "../plugin.ts";

const loaders = {
  bridge: async () => (await import("./bridge/index.ts")).bridge,
  "host-local": async () => (await import("./host-local/host-local.ts")).hostLocal,
  loopback: async () => (await import("./loopback/index.ts")).loopback,
} as const satisfies Record<string, () => Promise<Plugin>>;

export type PluginName = keyof typeof loaders;
export const pluginNames = Object.keys(loaders) as readonly PluginName[];
export const isPluginName = (name: string): name is PluginName => Object.hasOwn(loaders, name);
export const loadPlugin = (name: PluginName): Promise<Plugin> => loaders[name]();
