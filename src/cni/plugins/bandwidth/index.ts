/** Meta plugin `bandwidth`: a token bucket on the way to the pod, and one on the way from it. */
import { each } from "../../attach/each.ts";
import { needValidAttachments } from "../../attach/refusals.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import { clearPort } from "./clear.ts";
import type { BandwidthConfig } from "./config.ts";
import { face } from "./face.ts";
import { bandwidthKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";
import { removeAttachment, removeOthers } from "./remove.ts";

type R = Request<BandwidthConfig>;

// Asked seldom, and not while a pod waits: loaded when they are.
const check = async (r: R, ports: Ports): Promise<void> => (await import("./check.ts")).check(r, ports);
const status = async (r: R): Promise<void> => (await import("./status.ts")).status(r);

export const bandwidth: Plugin<BandwidthConfig> = {
  ...face,
  keys: bandwidthKeys,
  parse: parseConfig,
  add,
  // Whatever the config says by now: a limit may have been taken out of it.
  del: (r, { kernel }) =>
    each(
      () => clearPort(kernel, r),
      () => removeAttachment(kernel, r),
    ),
  check,
  gc: async (r, { kernel }) => removeOthers(kernel, r.network, needValidAttachments(r)),
  status,
};
