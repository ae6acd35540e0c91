/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { ChildConfig } from "../../attach/child/config.ts";
import { needIpam } from "../../attach/config.ts";
import { decodeDns } from "../../spec/dns.ts";

/** @throws FaultError bad-config */
export const parseConfig = (raw: JsonObject): ChildConfig => {
  const r = reader(raw);
  return { info: { kind: "dummy" }, chained: false, ipam: needIpam(r), dns: decodeDns(r.object("dns")) };
};
