/** STATUS: would an ADD succeed? Nothing is changed, and nothing is made on this host to find out. */
import { vethProbe } from "../../../kernel/probe/veth.ts";
import { needOfKernel, needPrivileges } from "../../attach/status.ts";
import { needsNft } from "../../filter/masquerade.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import type { PtpConfig } from "./parse.ts";

/** @throws FaultError unavailable, when an ADD now would fail */
export const status = async (r: Request<PtpConfig>, { kernel, delegate }: Ports): Promise<void> => {
  needPrivileges(kernel);
  needOfKernel(vethProbe);
  if (r.config.masquerade) needsNft(kernel);
  await delegate.status(r.config.ipam, r);
};
