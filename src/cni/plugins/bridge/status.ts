/** STATUS: would an ADD succeed? Nothing is changed, and nothing is made to find out. */
import { FaultError } from "../../../base/fault.ts";
import { bridgeVlanFilteringProbe } from "../../../kernel/probe/bridge-vlan-filtering.ts";
import { needPrivileges } from "../../attach/status.ts";
import { needsNft } from "../../filter/masquerade.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { type BridgeConfig, wantsVlans } from "./config.ts";
import { findBridge } from "./state.ts";
import { needsVlanFiltering, noVlans } from "./vlan-support.ts";

type R = Request<BridgeConfig>;

/** @throws FaultError unavailable, when an ADD now would fail */
export const status = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  needPrivileges(kernel);
  const bridge = findBridgeForStatus(kernel.host, r.config.bridge);
  if (wantsVlans(r.config)) {
    if (bridge) needsVlanFiltering(bridge);
    else if (bridgeVlanFilteringProbe.ask().is === "no") throw noVlans();
  }
  if (r.config.masquerade || r.config.macSpoofCheck) needsNft(kernel);
  if (r.config.ipam !== undefined) await delegate.status(r.config.ipam, r);
};

/** ADD would fail, so the plugin is not available. */
const findBridgeForStatus: typeof findBridge = (ns, name) => {
  try {
    return findBridge(ns, name);
  } catch (error) {
    if (!(error instanceof FaultError) || error.fault.kind !== "exists") throw error;
    throw new FaultError({ kind: "unavailable", why: error.message, ...(error.fault.fix && { fix: error.fault.fix }) });
  }
};
