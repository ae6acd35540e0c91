/** STATUS: would an ADD succeed? Nothing is changed, and nothing is made on this host to find out. */
import { FaultError } from "../../../base/fault.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { needOfKernel, needPrivileges } from "../status.ts";
import type { ChildConfig } from "./config.ts";
import { isDown, needMaster } from "./master.ts";
import { probes, takenVlan } from "./refused.ts";

type R = Request<ChildConfig>;

/** @throws FaultError unavailable, when an ADD now would fail */
export const status = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  const { info, below, chained, ipam } = r.config;
  needPrivileges(kernel);
  needOfKernel(probes[info.kind]);
  // A master in the pod is not there to be looked at; nor is one that the plugin before will name.
  if (below && !below.inContainer && !(chained && below.master === undefined))
    asUnavailable(below.master !== undefined, () => {
      const master = needMaster(kernel, r);
      if (master && !master.up) throw isDown(master);
      const taken = master && takenVlan(kernel, r.config, master);
      if (taken) throw taken;
    });
  if (ipam !== undefined) await delegate.status(ipam, r);
};

/** ADD would fail. When the master that all hang on is gone or down, those who are attached reach nobody either. */
const asUnavailable = (named: boolean, look: () => void): void => {
  try {
    look();
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    const { fault } = error;
    if (fault.kind !== "not-found" && fault.kind !== "differs" && fault.kind !== "exists") throw error;
    const limited = fault.kind === "differs" || (fault.kind === "not-found" && named);
    const fix = fault.fix && { fix: fault.fix };
    throw new FaultError({ kind: "unavailable", why: error.message, ...(limited && { limited }), ...fix });
  }
};
