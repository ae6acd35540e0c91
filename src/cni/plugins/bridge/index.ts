/** Main plugin `bridge`: a veth between the pod and a bridge of this host. Each verb: read, plan, apply. */
import { each } from "../../attach/each.ts";
import { givingBack } from "../../attach/give-back.ts";
import { needValidAttachments } from "../../attach/refusals.ts";
import { removeOtherVeths, removeVeth } from "../../attach/veths.ts";
import { removeMacSpoofCheck, removeOtherMacSpoofChecks } from "../../filter/mac-spoof.ts";
import { removeMasquerade, removeOtherMasquerades } from "../../filter/masquerade.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import type { BridgeConfig } from "./config.ts";
import { face } from "./face.ts";
import { bridgeKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";
import { removeUnusedGateway } from "./remove.ts";

type R = Request<BridgeConfig>;

const del = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  const giveBack = givingBack(delegate, r.config.ipam, r);
  // First, so that what the kernel has to wait for before it frees an element passes while it frees the link.
  // Not free while something may still be done to it as the pod's.
  let isFree = false;
  const unmask = (): void => {
    removeMasquerade(
      kernel,
      r,
      r.prevResult?.ips.map((ip) => ip.address.ip),
      r.config.masquerade,
    );
    isFree = true;
  };
  await each(unmask, giveBack.before, async () => {
    // The address goes after the link and the rules about it: else a second pod could be given it while the first still
    // has it, or be treated as the first.
    removeVeth(kernel, r);
    removeMacSpoofCheck(kernel, r);
    await each(
      () => removeUnusedGateway(kernel, r.config),
      () => (isFree ? giveBack.after() : undefined),
    );
  });
};

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
