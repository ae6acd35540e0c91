/** Main plugin `bridge`: a veth between the pod and a bridge of this host. Each verb: read, plan, apply. */
import { delVeth } from "../../attach/del-veth.ts";
import { each } from "../../attach/each.ts";
import { givingBack } from "../../attach/give-back.ts";
import { needValidAttachments } from "../../attach/refusals.ts";
import { removeOtherVeths } from "../../attach/veths.ts";
import { removeMacSpoofCheck, removeOtherMacSpoofChecks } from "../../filter/mac-spoof.ts";
import { removeOtherMasquerades } from "../../filter/masquerade.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import type { BridgeConfig } from "./config.ts";
import { face } from "./face.ts";
import { bridgeKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";
import { removeUnusedGateway } from "./remove.ts";

type R = Request<BridgeConfig>;

const del = (r: R, ports: Ports): Promise<void> =>
  each(
    () => delVeth(r, ports, () => removeMacSpoofCheck(ports.kernel, r, r.config.macSpoofCheck)),
    () => removeUnusedGateway(ports.kernel, r.config),
  );

const gc = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  const valid = needValidAttachments(r);
  const giveBack = givingBack(delegate, r.config.ipam, r, "gc");
  await each(
    giveBack.before,
    () => removeOtherVeths(kernel, r.network, valid),
    () => removeOtherMasquerades(kernel, r.network, valid),
    () => removeOtherMacSpoofChecks(kernel, r.network, valid),
    () => removeUnusedGateway(kernel, r.config),
    giveBack.after,
  );
};

// Asked seldom, and not while a pod waits: loaded when they are.
const check = async (r: R, ports: Ports): Promise<void> => (await import("./check.ts")).check(r, ports);
const status = async (r: R, ports: Ports): Promise<void> => (await import("./status.ts")).status(r, ports);

export const bridge: Plugin<BridgeConfig> = {
  ...face,
  keys: bridgeKeys,
  parse: parseConfig,
  add,
  del,
  check,
  gc,
  status,
};
