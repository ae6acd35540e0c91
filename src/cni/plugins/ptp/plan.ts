/**
 * The pod's addresses and routes, and the host's, as steps. The pod has one neighbour, its gateway, which is this host;
 * the rest of its subnet lies behind it. Pure.
 */
import { type Cidr, cidrFamily, cidrText, hostCidr, networkOf, sameCidr } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { bitsOf, type Ip } from "../../../base/ip.ts";
import { routeScopes } from "../../../kernel/codec/route/route.ts";
import type { Step } from "../../../net/plan/step.ts";
import { planForwarding } from "../../attach/forwarding.ts";
import type { Layer3 } from "../../attach/layer3.ts";
import { type PodLink, planAddresses, planRoutes } from "../../attach/plan-pod.ts";
import type { ResultIp } from "../../spec/types.ts";

/** An address of the pod, and of this host as its gateway. */
export interface Pair {
  readonly address: Cidr;
  readonly gateway: Ip;
}

/** @throws FaultError bad-config: this host is the gateway, so it has to have an address */
export const pairsOf = (ips: readonly ResultIp[], at: string): Pair[] =>
  ips.map(({ address, gateway }) => {
    const why =
      gateway === undefined
        ? `${cidrText(address)} comes without a gateway, and the host's end needs an address: set one`
        : `${cidrText(address)} has itself as its gateway, which is to be the host's address: set another`;
    if (gateway === undefined || gateway === address.ip) throw new FaultError({ kind: "bad-config", at, why });
    return { address, gateway };
  });

/** Appended: another interface of the container in this network has routes to the same. The first one's go before. */
type PodStep = Step<"route.append" | "route.del">;

/** The gateway as a neighbour. */
const gatewayRoutes = ({ netns, ifname: link }: PodLink, pairs: readonly Pair[]): Step<"route.append">[] =>
  once(pairs, (p) => p.gateway).map(({ address, gateway }) => ({
    do: "route.append",
    in: netns,
    route: { dst: hostCidr(gateway), link, src: address.ip },
  }));

/** IP6_RT_PRIO_ADDRCONF, RTPROT_KERNEL: what the kernel makes for an address. */
const kernelMetric = 256;
const kernelProtocol = 2;

/** The subnet goes by the gateway: the route that came with the address gives way. */
const subnetRoutes = ({ netns, ifname: link }: PodLink, pairs: readonly Pair[]): PodStep[] =>
  once(pairs, ({ address }) => cidrText(subnetOf(address)))
    // An address without others in its subnet.
    .filter(({ address: { ip, prefix } }) => prefix < bitsOf(ip.includes(":") ? 6 : 4))
    .flatMap(({ address, gateway }): PodStep[] => {
      const dst = subnetOf(address);
      const src = address.ip;
      const own = { dst, link, protocol: kernelProtocol };
      const came = cidrFamily(dst) === 4 ? { ...own, src } : { ...own, priority: kernelMetric };
      return [
        { do: "route.del", in: netns, route: came },
        { do: "route.append", in: netns, route: { dst, gw: gateway, link, src } },
      ];
    });

const subnetOf = (a: Cidr): Cidr => ({ ip: networkOf(a), prefix: a.prefix });

/** What makes the pod's link one from point to point. */
export const planPoint = (pod: PodLink, pairs: readonly Pair[]): PodStep[] => [
  ...gatewayRoutes(pod, pairs),
  ...subnetRoutes(pod, pairs),
];

/** The IPAM plugin's routes come while its subnet is still at hand: they may go by any address in it. */
export const planPointPod = (pod: PodLink, l3: Pick<Layer3, "ips" | "routes">, pairs: readonly Pair[]): Step[] => {
  const own = planPoint(pod, pairs);
  const routes = planRoutes(pod, l3).filter((step) => !own.some((s) => isSame(s, step)));
  return [...planAddresses(pod, l3.ips), ...gatewayRoutes(pod, pairs), ...routes, ...subnetRoutes(pod, pairs)];
};

/** The IPAM plugin names a route that is made anyway. */
const isSame = (own: PodStep, step: Step): boolean =>
  own.do === "route.append" &&
  step.do === "route.append" &&
  !step.route.table &&
  !step.route.priority &&
  sameCidr(own.route.dst, step.route.dst) &&
  own.route.gw === step.route.gw;

/** This host's end: gateway addresses, and a route to each address of the pod. */
export const planHost = (link: string, pairs: readonly Pair[]): Step<"address.add" | "route.add">[] => [
  ...once(pairs, (p) => p.gateway).map(
    ({ gateway }): Step<"address.add"> => ({
      do: "address.add",
      in: "",
      address: { link, address: hostCidr(gateway), ...(gateway.includes(":") && { nodad: true }) },
    }),
  ),
  ...pairs.map(
    ({ address }): Step<"route.add"> => ({
      do: "route.add",
      in: "",
      // As the reference has it; IPv6 knows no scopes.
      route: { dst: hostCidr(address.ip), link, ...(cidrFamily(address) === 4 && { scope: routeScopes.host }) },
    }),
  ),
];

/** Forwarding of the whole host, which others come to rely on. */
export const planRouter = (pairs: readonly Pair[]): Step<"sysctl.set">[] =>
  planForwarding(new Set(pairs.map((p) => cidrFamily(p.address))));

/** A new link takes after conf/default, which need not forward where the host does. */
export const planForwardingLink = (link: string, pairs: readonly Pair[]): Step<"sysctl.set">[] =>
  pairs.some((p) => cidrFamily(p.address) === 4)
    ? [{ do: "sysctl.set", in: "", name: `net/ipv4/conf/${link}/forwarding`, value: "1", fresh: true }]
    : [];

const once = <T>(list: readonly T[], key: (x: T) => string): T[] => {
  const keys = list.map(key);
  return list.filter((_, i) => keys.indexOf(keys[i]!) === i);
};
