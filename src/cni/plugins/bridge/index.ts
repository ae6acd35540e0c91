/** Main plugin `bridge`: a veth between the pod and a bridge of this host. Each verb: read, plan, apply. */
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { removeMacSpoofCheck, removeOtherMacSpoofChecks } from "../../filter/mac-spoof.ts";
import { removeMasquerade, removeOtherMasquerades } from "../../filter/masquerade.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import type { BridgeConfig } from "./config.ts";
import { face } from "./face.ts";
import { bridgeKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";
import { removeAttachment, removeOthers, removeUnusedGateway } from "./remove.ts";

type R = Request<BridgeConfig>;

/** Does all of it, and then says what failed. */
const each = async (...acts: readonly (() => void | Promise<void>)[]): Promise<void> => {
  const errors: unknown[] = [];
  for (const act of acts)
    try {
      await act();
    } catch (error) {
      errors.push(error);
    }
  if (errors.length > 0) throw joinFaults(errors);
};

const del = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  const { ipam } = r.config;
  // First, so that what the kernel has to wait for before it frees an element passes while it frees the link.
  removeMasquerade(
    kernel,
    r,
    r.prevResult?.ips.map((ip) => ip.address.ip),
  );
  // The address goes after the link and the rules about it: else a second pod could be given it while the first still
  // has it, or be treated as the first.
  removeAttachment(kernel, r);
  removeMacSpoofCheck(kernel, r);
  await each(
    () => removeUnusedGateway(kernel, r.config),
    () => (ipam === undefined ? undefined : delegate.del(ipam, r)),
  );
};

const gc = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  const { ipam } = r.config;
  const valid = r.validAttachments;
  if (!valid)
    throw new FaultError({
      kind: "bad-config",
      at: "cni.dev/valid-attachments",
      why: "GC needs the list of attachments that live; without one nothing is removed",
    });
  await each(
    () => removeOthers(kernel, r, valid),
    () => removeOtherMasquerades(kernel, r.network, valid),
    () => removeOtherMacSpoofChecks(kernel, r.network, valid),
    () => removeUnusedGateway(kernel, r.config),
    () => (ipam === undefined ? undefined : delegate.gc(ipam, r)),
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
