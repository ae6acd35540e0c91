/** Main plugin `bridge`: a veth between the pod and a bridge of this host. Each verb: read, plan, apply. */
import { delVeth, gcVeths } from "../../attach/del-veth.ts";
import { each } from "../../attach/each.ts";
import { needValidAttachments } from "../../attach/refusals.ts";
import { removeOtherMacSpoofChecks } from "../../filter/mac-spoof.ts";
import { removeReferenceSpoofCheck } from "../../filter/reference.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import type { BridgeConfig } from "./config.ts";
import { face } from "./face.ts";
import { unguardPort } from "./guard.ts";
import { bridgeKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";
import { removeUnusedGateway } from "./remove.ts";

type R = Request<BridgeConfig>;

const del = (r: R, ports: Ports): Promise<void> =>
  each(
    () =>
      delVeth(r, ports, () => {
        unguardPort(ports.kernel, r);
        removeReferenceSpoofCheck(ports.kernel, r);
      }),
    () => removeUnusedGateway(ports.kernel, r.config),
  );

const gc = async (r: R, ports: Ports): Promise<void> => {
  const valid = needValidAttachments(r);
  await gcVeths(
    r,
    ports,
    () => removeOtherMacSpoofChecks(ports.kernel, r.network, valid),
    () => removeUnusedGateway(ports.kernel, r.config),
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
