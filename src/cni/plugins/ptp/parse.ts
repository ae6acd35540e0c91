/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { needIpam, readMtu } from "../../attach/config.ts";
import { readMasqueradeBackend } from "../../filter/masquerade-config.ts";
import { decodeDns } from "../../spec/dns.ts";
import type { Dns } from "../../spec/types.ts";

export interface PtpConfig {
  /** What pods send beyond their subnet leaves under this host's address. */
  readonly masquerade: boolean;
  /** Bytes; absent is the kernel's own. */
  readonly mtu?: number;
  /** Type of the IPAM plugin. */
  readonly ipam: string;
  readonly dns: Dns;
}

/** @throws FaultError bad-config */
export const parseConfig = (raw: JsonObject): PtpConfig => {
  const r = reader(raw);
  readMasqueradeBackend(r);
  const mtu = readMtu(r);
  return {
    masquerade: r.bool("ipMasq") ?? false,
    ...(mtu && { mtu }),
    ipam: needIpam(r),
    dns: decodeDns(r.object("dns")),
  };
};
