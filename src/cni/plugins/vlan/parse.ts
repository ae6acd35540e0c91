/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { badConfig, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { type ChildConfig, readBelow } from "../../attach/child/config.ts";
import { needIpam, readMtu } from "../../attach/config.ts";
import { decodeDns } from "../../spec/dns.ts";

const maxVlan = 4094;

/** @throws FaultError bad-config */
export const parseConfig = (raw: JsonObject): ChildConfig => {
  const r = reader(raw);
  const below = readBelow(r);
  if (below.master === undefined) throw badConfig("master", "expected the interface that carries the VLAN, got none");
  const id = r.int("vlanId", { min: 0, max: maxVlan }) ?? 0;
  const mtu = readMtu(r);
  return {
    info: { kind: "vlan", data: { id } },
    below,
    chained: false,
    ipam: needIpam(r),
    dns: decodeDns(r.object("dns")),
    ...(mtu && { mtu }),
  };
};
