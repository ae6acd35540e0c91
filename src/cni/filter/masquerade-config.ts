/** `ipMasqBackend`: read for the reference's sake. Pure. */
import { badConfig, type Reader } from "../../base/json-read.ts";

/** Either of the reference's backends will do: what it asks for is done by nf_tables. @throws FaultError bad-config */
export const readMasqueradeBackend = (r: Reader): void => {
  const backend = r.string("ipMasqBackend");
  if (backend && backend !== "iptables" && backend !== "nftables")
    throw badConfig(r.path("ipMasqBackend"), `expected "iptables" or "nftables", got ${JSON.stringify(backend)}`);
};
