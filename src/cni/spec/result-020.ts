/** Results of 0.1.0 and 0.2.0: at most one address of each family, each with its own routes (spec 0.2.0 "Result"). */
import { cidrFamily, cidrText, parseCidr } from "../../base/cidr.ts";
import { FaultError } from "../../base/fault.ts";
import { type Family, parseIp } from "../../base/ip.ts";
import type { Reader } from "../../base/json-read.ts";
import type { JsonObject } from "../../base/json-types.ts";
import { decodeDns, encodeDns } from "./dns.ts";
import { type CniVersion, cniVersions, type Result, type ResultIp, type ResultRoute } from "./types.ts";

export const decode020 = (r: Reader): Result => {
  const ips: ResultIp[] = [];
  const routes: ResultRoute[] = [];
  for (const key of ["ip4", "ip6"]) {
    const one = r.object(key);
    if (!one) continue;
    const gateway = one.parsed("gateway", parseIp);
    ips.push({ address: one.needParsed("ip", parseCidr), ...(gateway && { gateway }) });
    for (const route of one.objects("routes") ?? []) {
      const gw = route.parsed("gw", parseIp);
      routes.push({ dst: route.needParsed("dst", parseCidr), ...(gw && { gw }) });
    }
  }
  return { interfaces: [], ips, routes, dns: decodeDns(r.object("dns")) };
};

/**
 * Keeps the first IPv4 and the first IPv6 address and the routes of those families.
 * @throws FaultError version when there is no address: this shape has no way to say so.
 */
export const encode020 = (result: Result, cniVersion: CniVersion): JsonObject => {
  const ip4 = encodeFamily(result, 4);
  const ip6 = encodeFamily(result, 6);
  if (!ip4 && !ip6)
    throw new FaultError({
      kind: "version",
      got: cniVersion,
      supported: cniVersions.slice(2),
      why: "cannot convert: no valid IP addresses",
    });
  return { cniVersion, ...(ip4 && { ip4 }), ...(ip6 && { ip6 }), dns: encodeDns(result.dns) };
};

const encodeFamily = (result: Result, family: Family): JsonObject | undefined => {
  const ip = result.ips.find((x) => cidrFamily(x.address) === family);
  if (!ip) return undefined;
  const routes = result.routes
    .filter((x) => cidrFamily(x.dst) === family)
    .map((x) => ({ dst: cidrText(x.dst), ...(x.gw && { gw: x.gw }) }));
  return {
    ip: cidrText(ip.address),
    ...(ip.gateway && { gateway: ip.gateway }),
    ...(routes.length > 0 && { routes }),
  };
};
