/** What each plugin of a chain is to be asked, in order: pure, so that it can be shown as well as run. */

import type { PluginConfig } from "../spec/config.ts";
import { pluginRequestConfig, type RequestExtras } from "../spec/derive.ts";
import type { NetworkList } from "../spec/list.ts";
import type { Attachment, Result, Verb } from "../spec/types.ts";
import { hasVerb } from "../spec/version.ts";
import type { Attach, PluginRun } from "./types.ts";

export interface Ask {
  readonly verb: Exclude<Verb, "VERSION">;
  readonly list: NetworkList;
  readonly attach?: Attach | undefined;
  readonly prevResult?: Result | undefined;
  readonly valid?: readonly Attachment[] | undefined;
}

/** The variables of the spec, each one set so that none is inherited by mistake (spec 1.1.0, section 2 "Parameters"). */
export const cniEnv = (verb: Verb, path: readonly string[], attach?: Attach): Record<string, string> => ({
  CNI_COMMAND: verb,
  CNI_CONTAINERID: attach?.containerId ?? "",
  CNI_NETNS: attach?.netns ?? "",
  CNI_IFNAME: attach?.ifname ?? "",
  CNI_ARGS: attach?.args ?? "",
  CNI_PATH: path.join(":"),
});

/** @throws FaultError version when `prevResult` cannot be said in the list's version */
export const planRun = (ask: Ask, plugin: PluginConfig, path: readonly string[]): PluginRun => {
  const { verb, attach, prevResult, valid } = ask;
  const extras: RequestExtras = {
    verb,
    ...(attach?.capabilityArgs && { runtimeConfig: attach.capabilityArgs }),
    ...(prevResult && { prevResult }),
    ...(valid && { validAttachments: valid }),
  };
  return {
    plugin: plugin.type,
    verb,
    env: cniEnv(verb, path, attach),
    stdin: pluginRequestConfig(ask.list, plugin, extras),
  };
};

/** DEL goes from the last to the first, the others from the first to the last. None for a verb that came later than the list. */
export const planRuns = (ask: Ask, path: readonly string[]): PluginRun[] => {
  if (!hasVerb(ask.list.cniVersion, ask.verb)) return [];
  const plugins = ask.verb === "DEL" ? ask.list.plugins.toReversed() : ask.list.plugins;
  return plugins.map((plugin) => planRun(ask, plugin, path));
};

/** Capabilities that were given and that no plugin of the list declares. */
export const unusedCapabilities = (list: NetworkList, attach: Attach): string[] =>
  Object.keys(attach.capabilityArgs ?? {}).filter((name) => !list.plugins.some((p) => p.capabilities.includes(name)));
