/** `macspoofchk`: the bridge's port lets only the pod's own MAC through. */
import type { Kernel } from "../../../net/kernel.ts";
import { addMacSpoofCheck } from "../../filter/mac-spoof.ts";
import type { Journal } from "../../journal.ts";
import type { Request } from "../../spec/types.ts";
import type { BridgeConfig } from "./config.ts";
import type { Chosen } from "./plan.ts";

export const guardPort = (kernel: Kernel, r: Request<BridgeConfig>, chosen: Chosen, journal: Journal): void => {
  if (!r.config.macSpoofCheck) return;
  journal.add(addMacSpoofCheck(kernel, r, { port: chosen.hostName, mac: r.config.mac ?? chosen.podMac }));
};
