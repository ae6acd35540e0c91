/** Main plugin `host-device`: a network device of this host goes into the pod, and comes back as it was. */
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import type { HostDeviceConfig } from "./config.ts";
import { face } from "./face.ts";
import { hostDeviceKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";
import { del, gc } from "./remove.ts";

type R = Request<HostDeviceConfig>;

// Asked seldom, and not while a pod waits: loaded when they are.
const check = async (r: R, ports: Ports): Promise<void> => (await import("./check.ts")).check(r, ports);
const status = async (r: R, ports: Ports): Promise<void> => (await import("./status.ts")).status(r, ports);

export const hostDevice: Plugin<HostDeviceConfig> = {
  ...face,
  keys: hostDeviceKeys,
  parse: parseConfig,
  add,
  del,
  check,
  gc,
  status,
};
