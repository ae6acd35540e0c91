/** `macspoofchk`: the bridge's port lets only the pod's own MAC through. */
import { type Mac, parseMac } from "../../../base/mac.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { addMacSpoofCheck, type Guarded, removeMacSpoofCheck } from "../../filter/mac-spoof.ts";
import type { Journal } from "../../journal.ts";
import type { Request } from "../../spec/types.ts";
import type { BridgeConfig } from "./config.ts";
import type { Chosen } from "./plan.ts";

export const guardPort = (kernel: Kernel, r: Request<BridgeConfig>, chosen: Chosen, journal: Journal): void => {
  if (!r.config.macSpoofCheck) return;
  journal.add(addMacSpoofCheck(kernel, r, { port: chosen.hostName, mac: r.config.mac ?? chosen.podMac }));
};

/** The host's links of the result, and the MAC that the pod was given: one of these is the port. */
const toldPorts = (r: Request<BridgeConfig>): Guarded[] => {
  const links = r.prevResult?.interfaces ?? [];
  const mac = r.config.mac ?? macOr(links.find((x) => x.sandbox && x.name === r.ifname)?.mac);
  return mac === undefined ? [] : links.filter((x) => !x.sandbox).map((x) => ({ port: x.name, mac }));
};

/** What does not read as one does not tell anything. */
const macOr = (text: string | undefined): Mac | undefined => {
  try {
    return text === undefined ? undefined : parseMac(text);
  } catch {
    return undefined;
  }
};

export const unguardPort = (kernel: Kernel, r: Request<BridgeConfig>): void =>
  removeMacSpoofCheck(kernel, r, toldPorts(r), r.config.macSpoofCheck);
