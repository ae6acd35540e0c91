/** From what a server granted to the plugin's result. Pure. */
import type { Cidr } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { type DhcpOptions, optionCode } from "../../../kernel/codec/dhcp/message.ts";
import {
  readClasslessRoutes,
  readDomain,
  readDomains,
  readIps,
  readPrefix,
  readStaticRoutes,
  readU16,
} from "../../../kernel/codec/dhcp/values.ts";
import { anywhere } from "../../attach/layer3.ts";
import type { Dns, Result, ResultRoute } from "../../spec/types.ts";
import type { Grant } from "./lease.ts";

/** RT_SCOPE_LINK. */
const linkScope = 253;
/** The smallest MTU of IPv4 (RFC 791). */
const leastMtu = 68;

/** The address with its subnet. @throws FaultError not-found when the server did not say how wide that is */
export const leasedAddress = ({ address, server, options }: Grant): Cidr => {
  const prefix = readPrefix(options.get(optionCode.subnetMask));
  if (prefix !== undefined) return { ip: address, prefix };
  throw new FaultError({
    kind: "not-found",
    what: `subnet mask of ${address}`,
    why: `the DHCP server ${server} sent none`,
    fix: 'have the server send option 1, and request it: {"option": "subnet-mask"} in ipam.request beside skipDefault',
  });
};

/** @throws FaultError not-found */
export const leaseResult = (grant: Grant, priority: number | undefined): Result => {
  const { options } = grant;
  const gateway = readIps(options.get(optionCode.routers))[0];
  const mtu = readU16(options.get(optionCode.mtu));
  const more = { ...(mtu && mtu >= leastMtu && { mtu }), ...(priority && { priority }) };
  return {
    interfaces: [],
    ips: [{ address: leasedAddress(grant), ...(gateway && { gateway }) }],
    routes: routesOf(options).map((route) => ({ ...route, ...more })),
    dns: dnsOf(options),
  };
};

/** Classless routes stand instead of the others, the default route included (RFC 3442). */
const routesOf = (options: DhcpOptions): ResultRoute[] => {
  const onLink = <R extends ResultRoute>(r: R): ResultRoute => (r.gw ? r : { ...r, scope: linkScope });
  const classless = readClasslessRoutes(options.get(optionCode.classlessRoutes));
  if (classless.length > 0) return classless.map(onLink);
  const [gw] = readIps(options.get(optionCode.routers));
  const fixed = readStaticRoutes(options.get(optionCode.staticRoutes)).map(onLink);
  return gw ? [...fixed, { dst: anywhere[4], gw }] : fixed;
};

const dnsOf = (options: DhcpOptions): Dns => {
  const nameservers = readIps(options.get(optionCode.nameServers));
  const domain = readDomain(options.get(optionCode.domainName));
  const search = readDomains(options.get(optionCode.domainSearch));
  return {
    ...(nameservers.length > 0 && { nameservers }),
    ...(domain && { domain }),
    ...(search.length > 0 && { search }),
  };
};
