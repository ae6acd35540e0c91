/** STATUS: would an ADD succeed? What is made to find out is made in a namespace of its own. */
import { FaultError } from "../../../base/fault.ts";
import { tapProbe } from "../../../kernel/probe/tap.ts";
import { needOfKernel, needPrivileges } from "../../attach/status.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import type { TapConfig } from "./parse.ts";
import { refuseContext } from "./refuse.ts";

/** @throws FaultError unavailable, when an ADD now would fail */
export const status = async (r: Request<TapConfig>, { kernel, delegate }: Ports): Promise<void> => {
  needPrivileges(kernel);
  needOfKernel(tapProbe);
  contextForStatus(r.config);
  if (r.config.ipam !== undefined) await delegate.status(r.config.ipam, r);
};

/** ADD would fail, so the plugin is not available. */
const contextForStatus = (c: TapConfig): void => {
  try {
    refuseContext(c);
  } catch (error) {
    throw new FaultError({ kind: "unavailable", why: error instanceof Error ? error.message : String(error) });
  }
};
