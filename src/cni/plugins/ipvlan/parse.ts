/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { ipvlanModes } from "../../../kernel/codec/link-kinds/ipvlan.ts";
import { type ChildConfig, readBelow, readWord } from "../../attach/child/config.ts";
import { readIpam, readMtu } from "../../attach/config.ts";
import { decodeDns } from "../../spec/dns.ts";

/** @throws FaultError bad-config */
export const parseConfig = (raw: JsonObject): ChildConfig => {
  const r = reader(raw);
  const mode = readWord(r, "mode", ipvlanModes);
  const mtu = readMtu(r);
  const ipam = readIpam(r);
  return {
    info: { kind: "ipvlan", data: { mode } },
    below: readBelow(r),
    chained: true,
    dns: decodeDns(r.object("dns")),
    ...(mtu && { mtu }),
    ...(ipam && { ipam }),
  };
};
