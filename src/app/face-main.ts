/** A plugin executable's process that is asked what it is (VERSION, or no command at all): no plugin is loaded for it. */
import { introduce } from "../cni/introduce.ts";
import { type PluginName, pluginFace } from "../cni/plugins/registry.ts";
import { endWith, readStdin } from "./plugin-streams.ts";

export const faceMain = (name: PluginName, command: "" | "VERSION"): void =>
  endWith(introduce(pluginFace(name), command, readStdin));
