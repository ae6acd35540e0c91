/** What an IPAM result means for the pod and for the gateway. Pure. */
import { type Cidr, cidrText, contains, lastOf, networkOf, sameCidr } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { type Ip, ipAdd } from "../../../base/ip.ts";
import { defaultRoutes, needAddress, type Layer3 as PodLayer3 } from "../../attach/layer3.ts";
import type { Result } from "../../spec/types.ts";
import type { BridgeConfig } from "./config.ts";

export interface Layer3 extends PodLayer3 {
  /** Addresses of this host in the pod's subnets; empty when it is no gateway. */
  readonly gateways: readonly Cidr[];
}

/** The pod's interface in the result's list: bridge, host's end, pod's end. */
const place = 2;

/** @throws FaultError bad-config when the IPAM plugin gave no address */
export const layer3 = (config: BridgeConfig, given: Result): Layer3 => {
  needAddress(config.ipam, given);
  const ips = given.ips.map((ip) => {
    const gateway = ip.gateway ?? (config.isGateway ? firstHost(ip.address) : undefined);
    return { address: ip.address, ...(gateway && { gateway }), interface: place };
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
