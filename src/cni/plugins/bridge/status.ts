/** STATUS: would an ADD find what it needs? */
import { FaultError } from "../../../base/fault.ts";
import { bridgeVlanFilteringProbe } from "../../../kernel/probe/bridge-vlan-filtering.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { type BridgeConfig, wantsVlans } from "./config.ts";
import { findBridge } from "./state.ts";
import { needsVlanFiltering, noVlans } from "./vlan-support.ts";

/** @throws FaultError unavailable */
export const status = async (r: Request<BridgeConfig>, { kernel, delegate }: Ports): Promise<void> => {
  const bridge = findBridgeForStatus(kernel.host, r.config.bridge);
  if (wantsVlans(r.config)) {
    if (bridge) needsVlanFiltering(bridge);
    else if (bridgeVlanFilteringProbe.ask().is === "no") throw noVlans();
  }
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
