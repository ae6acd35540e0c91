/** Main plugin `tap`: a tap device in the pod. Each verb: read, plan, apply. */
import { each } from "../../attach/each.ts";
import { givingBack } from "../../attach/give-back.ts";
import { needValidAttachments } from "../../attach/refusals.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import { face } from "./face.ts";
import { tapKeys } from "./keys.ts";
import { parseConfig, type TapConfig } from "./parse.ts";
import { removeTap } from "./remove.ts";

type R = Request<TapConfig>;

const del = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  const giveBack = givingBack(delegate, r.config.ipam, r);
  await each(giveBack.before, async () => {
    removeTap(kernel, r);
    // An address is free only when no link has it.
    await giveBack.after();
  });
};

/** Of the plugin itself nothing is outside the pods' namespaces. */
const gc = async (r: R, { delegate }: Ports): Promise<void> => {
  const { ipam } = r.config;
  needValidAttachments(r);
  if (ipam !== undefined) await delegate.gc(ipam, r);
};

// Asked seldom, and not while a pod waits: loaded when they are.
const check = async (r: R, ports: Ports): Promise<void> => (await import("./check.ts")).check(r, ports);
const status = async (r: R, ports: Ports): Promise<void> => (await import("./status.ts")).status(r, ports);

export const tap: Plugin<TapConfig> = { ...face, keys: tapKeys, parse: parseConfig, add, del, check, gc, status };
