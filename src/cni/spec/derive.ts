/** The config a plugin finds on stdin (spec 1.1.0, section 3 "Deriving execution configuration"). */
import type { Json, JsonObject } from "../../base/json-types.ts";
import type { PluginConfig } from "./config.ts";
import type { NetworkList } from "./list.ts";
import { encodeResult } from "./result.ts";
import type { Attachment, Result, Verb } from "./types.ts";
import { atLeast } from "./version.ts";

export interface RequestExtras {
  readonly verb: Verb;
  /** Values by capability name; those the plugin has not declared are held back. */
  readonly runtimeConfig?: JsonObject;
  readonly prevResult?: Result;
  /** GC: the attachments that live. */
  readonly validAttachments?: readonly Attachment[];
}

/** The key of the list of attachments, and the one that runtimes sent before the spec settled on it. */
export const attachmentKeys = ["cni.dev/valid-attachments", "cni.dev/attachments"] as const;

/** Keys of a config file that never reach a plugin: capabilities are the runtime's, attachment lists only it can make. */
const held = ["capabilities", ...attachmentKeys];

/** @throws FaultError version when `prevResult` cannot be said in the list's version. */
export const pluginRequestConfig = (list: NetworkList, plugin: PluginConfig, extras: RequestExtras): JsonObject => {
  const { cniVersion, name } = list;
  const runtimeConfig = Object.entries(extras.runtimeConfig ?? {}).filter(([key]) => plugin.capabilities.includes(key));
  // DEL had no prevResult before 0.4.0.
  const passPrev = extras.prevResult && (extras.verb !== "DEL" || atLeast(cniVersion, "0.4.0"));
  const injected: Record<string, Json> = { cniVersion, name };
  if (runtimeConfig.length > 0) injected.runtimeConfig = Object.fromEntries(runtimeConfig) as JsonObject;
  if (passPrev) injected.prevResult = encodeResult(extras.prevResult, cniVersion);
  if (extras.validAttachments) {
    const attachments = extras.validAttachments.map((a) => ({ containerID: a.containerId, ifname: a.ifname }));
    for (const key of attachmentKeys) injected[key] = attachments;
  }
  // A plugin matches keys in any case, so another spelling of ours must not stand beside it.
  const ours = new Set([...held, ...Object.keys(injected)].map((key) => key.toLowerCase()));
  const kept = Object.entries(plugin.raw).filter(([key]) => !ours.has(key.toLowerCase()));
  return { ...Object.fromEntries(kept), ...injected };
};
