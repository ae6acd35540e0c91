/** STATUS: would an ADD succeed? Nothing is made in a namespace that is anyone's. */
import { vrfProbe } from "../../../kernel/probe/vrf.ts";
import { needPrivileges } from "../../attach/status.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import type { VrfConfig } from "./parse.ts";
import { noVrfs } from "./support.ts";

/** @throws FaultError unavailable, when an ADD now would fail */
export const status = async (_: Request<VrfConfig>, { kernel }: Ports): Promise<void> => {
  needPrivileges(kernel);
  if (vrfProbe.ask().is === "no") throw noVrfs();
};
