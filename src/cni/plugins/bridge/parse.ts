/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { badConfig, type Reader, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { readIpam, readMac, readMtu } from "../../attach/config.ts";
import { readMasqueradeBackend } from "../../filter/masquerade-config.ts";
import type { ParseContext } from "../../plugin.ts";
import { decodeDns } from "../../spec/dns.ts";
import { ifnameProblem } from "../../spec/validate.ts";
import { type BridgeConfig, gatewayLink, type VlanRange } from "./config.ts";

export const defaultBridge = "cni0";
const maxVlan = 4094;

/** @throws FaultError bad-config, bad-value, bad-env, unsupported */
export const parseConfig = (raw: JsonObject, about: ParseContext): BridgeConfig => {
  const r = reader(raw);
  const flag = (key: string): boolean => r.bool(key) ?? false;
  const isDefaultGateway = flag("isDefaultGateway");
  const mtu = readMtu(r);
  const vlan = r.int("vlan", { min: 0, max: maxVlan });
  const mac = readMac(r, about);
  const ipam = readIpam(r);
  const config: BridgeConfig = {
    bridge: r.string("bridge") || defaultBridge,
    isGateway: flag("isGateway") || isDefaultGateway,
    isDefaultGateway,
    forceAddress: flag("forceAddress"),
    hairpin: flag("hairpinMode"),
    promisc: flag("promiscMode"),
    isolated: flag("portIsolation"),
    masquerade: flag("ipMasq"),
    macSpoofCheck: flag("macspoofchk"),
    trunk: readTrunk(r),
    keepDefaultVlan: flag("preserveDefaultVlan"),
    dad: flag("enabledad"),
    containerUp: !flag("disableContainerInterface"),
    dns: decodeDns(r.object("dns")),
    ...(mtu && { mtu }),
    ...(vlan && { vlan }),
    ...(mac && { mac }),
    ...(ipam && { ipam }),
  };
  checkTogether(config);
  readMasqueradeBackend(r);
  return config;
};

const checkTogether = (c: BridgeConfig): void => {
  const problem = ifnameProblem(c.bridge);
  if (problem) throw badConfig("bridge", problem);
  if (c.hairpin && c.promisc)
    throw badConfig("hairpinMode", "cannot be true together with promiscMode: frames would come back twice");
  if (!c.containerUp && c.ipam)
    throw badConfig("disableContainerInterface", "cannot be true with ipam: an interface that is down has no routes");
  const long = c.isGateway && c.ipam ? ifnameProblem(gatewayLink(c)) : undefined;
  if (long) throw badConfig("bridge", `the VLAN's gateway would be ${gatewayLink(c)}: ${long}`);
};

const readTrunk = (r: Reader): readonly VlanRange[] => {
  const ids = new Set<number>();
  for (const entry of r.objects("vlanTrunk") ?? []) {
    const limits = { min: 1, max: maxVlan };
    const [id, minID, maxID] = [entry.int("id", limits), entry.int("minID", limits), entry.int("maxID", limits)];
    if (id === undefined && minID === undefined && maxID === undefined)
      throw badConfig(entry.at, "expected an id, or a minID and a maxID, got neither");
    if ((minID === undefined) !== (maxID === undefined))
      throw badConfig(
        entry.path(minID === undefined ? "minID" : "maxID"),
        "minID and maxID go together, this is missing",
      );
    if (id !== undefined) ids.add(id);
    if (minID === undefined || maxID === undefined) continue;
    if (minID > maxID) throw badConfig(entry.path("minID"), `is ${minID}, above maxID, which is ${maxID}`);
    for (let n = minID; n <= maxID; n++) ids.add(n);
  }
  return rangesOf([...ids].sort((a, b) => a - b));
};

/** Neighbours joined: fewer requests, and the same port. */
const rangesOf = (ids: readonly number[]): readonly VlanRange[] => {
  const out: VlanRange[] = [];
  for (const id of ids) {
    const last = out.at(-1);
    if (last && last.last === id - 1) out[out.length - 1] = { first: last.first, last: id };
    else out.push({ first: id, last: id });
  }
  return out;
};
