/** Chained plugin `portmap`: ports of this host lead to ports of the pod. */
import { needValidAttachments } from "../../attach/refusals.ts";
import type { Plugin } from "../../plugin.ts";
import { add } from "./add.ts";
import { face } from "./face.ts";
import { portmapKeys } from "./keys.ts";
import { type PortmapConfig, parseConfig } from "./parse.ts";
import { removeAttachment, removeOthers } from "./remove.ts";

export const portmap: Plugin<PortmapConfig> = {
  ...face,
  keys: portmapKeys,
  parse: parseConfig,
  add,
  del: async (r, { kernel }) => removeAttachment(kernel, r),
  check: async (r, { kernel }) => (await import("./check.ts")).check(kernel, r),
  gc: async (r, { kernel }) => removeOthers(kernel, r.network, needValidAttachments(r)),
  status: async (r, { kernel, log }) => (await import("./status.ts")).status(kernel, r.config, log),
};
