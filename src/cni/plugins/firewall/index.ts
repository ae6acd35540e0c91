/** Chained plugin `firewall`: what a pod sends and is answered passes this host's firewall. */
import { needValidAttachments } from "../../attach/refusals.ts";
import { needsNft } from "../../filter/masquerade.ts";
import type { Plugin } from "../../plugin.ts";
import { add } from "./add.ts";
import { face } from "./face.ts";
import { firewallKeys } from "./keys.ts";
import { type FirewallConfig, parseConfig } from "./parse.ts";
import { removeAttachment, removeOthers } from "./remove.ts";

export const firewall: Plugin<FirewallConfig> = {
  ...face,
  keys: firewallKeys,
  parse: parseConfig,
  add,
  del: async (r, { kernel }) => removeAttachment(kernel, r),
  check: async (r, { kernel }) => (await import("./check.ts")).check(kernel, r),
  gc: async (r, { kernel }) => removeOthers(kernel, r.network, needValidAttachments(r)),
  status: async (_, { kernel }) => needsNft(kernel),
};
