/** What an IPAM result means for the pod and for the gateway. Pure. */
import { type Cidr, cidrFamily, cidrText, contains, lastOf, networkOf, sameCidr } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { type Family, type Ip, ipAdd } from "../../../base/ip.ts";
import type { Dns, Result, ResultIp, ResultRoute } from "../../spec/types.ts";
import type { BridgeConfig } from "./config.ts";

export interface Layer3 {
  /** The IPAM's, each with the gateway it has or gets, on the pod's interface. */
  readonly ips: readonly ResultIp[];
  /** Routes as the result tells them. */
  readonly routes: readonly ResultRoute[];
  /** Addresses of this host in the pod's subnets; empty when it is no gateway. */
  readonly gateways: readonly Cidr[];
  readonly dns: Dns;
}

const anywhere: Record<Family, Cidr> = {
  4: { ip: "0.0.0.0" as Ip, prefix: 0 },
  6: { ip: "::" as Ip, prefix: 0 },
};

/** The pod's interface in the result's list: bridge, host's end, pod's end. */
export const podInterface = 2;

/** @throws FaultError bad-config when the IPAM plugin gave no address */
export const layer3 = (config: BridgeConfig, given: Result): Layer3 => {
  if (given.ips.length === 0)
    throw new FaultError({
      kind: "bad-config",
      at: "ipam",
      why: `plugin ${config.ipam} gave no address; leave ipam empty for an interface without one`,
    });
  const ips = given.ips.map((ip) => {
    const gateway = ip.gateway ?? (config.isGateway ? firstHost(ip.address) : undefined);
    return { address: ip.address, ...(gateway && { gateway }), interface: podInterface };
  });
  const gateways = config.isGateway
    ? ips.flatMap((ip) => (ip.gateway ? [{ ip: ip.gateway, prefix: ip.address.prefix }] : []))
    : [];
  return {
    ips,
    routes: config.isDefaultGateway ? [...given.routes, ...defaultRoutes(ips, given.routes)] : given.routes,
    gateways: gateways.filter((g, i) => gateways.findIndex((x) => sameCidr(x, g)) === i),
    dns: given.dns,
  };
};

/** The address after the network's own, as the reference chooses. A /31, /32, /127 or /128 has none to spare. */
const firstHost = (address: Cidr): Ip => {
  const gateway = ipAdd(networkOf(address), 1);
  if (contains(address, gateway) && gateway !== address.ip) return gateway;
  throw new FaultError({
    kind: "bad-config",
    at: "ipam",
    why: `${cidrText(address)} leaves no address for a gateway (last is ${lastOf(address)}); set ipam.gateway or isGateway false`,
  });
};

/** One for each family that has no default route with a gateway yet. */
const defaultRoutes = (ips: readonly ResultIp[], routes: readonly ResultRoute[]): ResultRoute[] =>
  ([4, 6] as const).flatMap((family) => {
    const gw = ips.find((ip) => cidrFamily(ip.address) === family)?.gateway;
    const there = routes.some((r) => r.gw && sameCidr(r.dst, anywhere[family]));
    return gw && !there ? [{ dst: anywhere[family], gw }] : [];
  });

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
