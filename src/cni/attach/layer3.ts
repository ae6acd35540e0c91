/** What an IPAM result means for a pod's interface: addresses, routes, name servers. Pure. */
import { type Cidr, cidrFamily, cidrText, sameCidr } from "../../base/cidr.ts";
import { FaultError } from "../../base/fault.ts";
import type { Family, Ip } from "../../base/ip.ts";
import { hasDns } from "../spec/dns.ts";
import type { Dns, Result, ResultIp, ResultRoute } from "../spec/types.ts";

export interface Layer3 {
  /** Each on the pod's interface. */
  readonly ips: readonly ResultIp[];
  /** Routes as the result tells them. */
  readonly routes: readonly ResultRoute[];
  readonly dns: Dns;
}

export const anywhere: Readonly<Record<Family, Cidr>> = {
  4: { ip: "0.0.0.0" as Ip, prefix: 0 },
  6: { ip: "::" as Ip, prefix: 0 },
};

/** @throws FaultError bad-config when the IPAM plugin gave no address */
export const needAddress = (ipam: string | undefined, given: Result): void => {
  if (given.ips.length > 0) return;
  throw new FaultError({
    kind: "bad-config",
    at: "ipam",
    why: `plugin ${ipam} gave no address; leave ipam empty for an interface without one`,
  });
};

/** What an IPAM plugin gave, for the interface at that place in the result's list. @throws FaultError bad-config */
export const layer3On = (place: number, ipam: string, given: Result): Layer3 => {
  needAddress(ipam, given);
  return {
    ips: given.ips.map(({ address, gateway }) => ({ address, ...(gateway && { gateway }), interface: place })),
    routes: given.routes,
    dns: given.dns,
  };
};

/** The routes to make: gateways filled in by the first of the family, what is said twice said once. */
export const effectiveRoutes = (l3: Pick<Layer3, "ips" | "routes">): ResultRoute[] => {
  const filled = l3.routes.map((r) => {
    const family = cidrFamily(r.dst);
    // A route of link scope has no gateway: that is what the scope says.
    if (r.gw || r.scope === linkScope) return r;
    const gw = l3.ips.find((ip) => cidrFamily(ip.address) === family && ip.gateway)?.gateway;
    return gw ? { ...r, gw } : r;
  });
  const keys = filled.map((r) => JSON.stringify([cidrText(r.dst), r.gw, r.table, r.priority, r.scope]));
  return filled.filter((_, i) => keys.indexOf(keys[i]!) === i);
};
const linkScope = 253;

/** One for each family that has no default route with a gateway yet. */
export const defaultRoutes = (ips: readonly ResultIp[], routes: readonly ResultRoute[]): ResultRoute[] =>
  ([4, 6] as const).flatMap((family) => {
    const gw = ips.find((ip) => cidrFamily(ip.address) === family)?.gateway;
    const there = routes.some((r) => r.gw && sameCidr(r.dst, anywhere[family]));
    return gw && !there ? [{ dst: anywhere[family], gw }] : [];
  });

/** The config's as soon as it says anything, even an empty list. */
export const chooseDns = (own: Dns, given: Dns): Dns => (hasDns(own) ? own : given);
