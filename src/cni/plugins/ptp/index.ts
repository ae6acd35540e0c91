/** Main plugin `ptp`: a veth between the pod and this host, which routes. Each verb: read, plan, apply. */
import { delVeth } from "../../attach/del-veth.ts";
import { each } from "../../attach/each.ts";
import { givingBack } from "../../attach/give-back.ts";
import { needValidAttachments } from "../../attach/refusals.ts";
import { removeOtherVeths } from "../../attach/veths.ts";
import { removeOtherMasquerades } from "../../filter/masquerade.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import { face } from "./face.ts";
import { ptpKeys } from "./keys.ts";
import { type PtpConfig, parseConfig } from "./parse.ts";

type R = Request<PtpConfig>;

const gc = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  const valid = needValidAttachments(r);
  const giveBack = givingBack(delegate, r.config.ipam, r, "gc");
  await each(
    giveBack.before,
    () => removeOtherVeths(kernel, r.network, valid),
    () => removeOtherMasquerades(kernel, r.network, valid),
    giveBack.after,
  );
};

// Asked seldom, and not while a pod waits: loaded when they are.
const check = async (r: R, ports: Ports): Promise<void> => (await import("./check.ts")).check(r, ports);
const status = async (r: R, ports: Ports): Promise<void> => (await import("./status.ts")).status(r, ports);

export const ptp: Plugin<PtpConfig> = {
  ...face,
  keys: ptpKeys,
  parse: parseConfig,
  add,
  del: delVeth,
  check,
  gc,
  status,
};
