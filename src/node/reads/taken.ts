/** Ranges of addresses that are in use around a node, besides the cluster's own, and a range that nothing uses. */
import { type Cidr, cidrFamily, cidrText, hostCidr, networkOf, overlaps, tryCidr } from "../../base/cidr.ts";
import { isLinkLocal6, isLoopback, tryIp } from "../../base/ip.ts";
import { routeTables, routeTypes } from "../../kernel/codec/route/route.ts";
import { podwireProtocol, type Route } from "../../net/routes.ts";
import type { Asked } from "../asked.ts";
import type { Host } from "../host.ts";
import { matchesGlob } from "./glob.ts";
import { bridgesOf, chosenConf } from "./network-confs.ts";
import { linkOf } from "./uplinks.ts";

export interface Taken {
  readonly range: Cidr;
  /** `route by docker0 (table 52)`, `DNS server`. */
  readonly by: string;
}

/** Cilium's ends of pods' links. LXC's own bridge, lxcbr0, is none of them. */
export const ciliumPodLinks: readonly string[] = ["lxc_health", `lxc${"[0-9a-f]".repeat(12)}`];

/** Links of network plugins: what is routed by them is the cluster's. */
const podLinks = [
  "cali*",
  "flannel*",
  "vxlan.calico",
  "vxlan-v6.calico",
  "tunl0",
  "cilium_*",
  ...ciliumPodLinks,
  "podwire*",
  "kube-bridge",
  "kube-ipvs0",
  "nodelocaldns",
];

/** rtm_protocol of plugins that route pods: ours, BIRD and Calico. */
const podProtocols = [podwireProtocol, 12, 80];

/** A route to pods that the cluster itself has made. */
const isClusters = (host: Host, route: Route, { nodePrefix }: Asked): boolean => {
  const name = linkOf(host, route.link)?.name ?? "";
  return (
    podProtocols.includes(route.protocol) ||
    podLinks.some((glob) => matchesGlob(glob, name)) ||
    bridgesOf(chosenConf(host)).includes(name) ||
    // Flannel's host-gw, and routes that a person has set: a node's block by way of a node.
    (route.gw !== undefined && route.dst.prefix === nodePrefix[cidrFamily(route.dst)])
  );
};

const isOut = ({ dst, type }: Route): boolean =>
  type === routeTypes.unicast &&
  dst.prefix > 0 &&
  !isLinkLocal6(dst.ip) &&
  !isLoopback(dst.ip) &&
  !dst.ip.startsWith("ff");

const routes = (host: Host, asked: Asked): Taken[] =>
  host.routes
    .filter((r) => isOut(r) && !isClusters(host, r, asked))
    .map((r) => {
      const table = r.table === routeTables.main ? "" : ` (table ${r.table})`;
      return { range: r.dst, by: `a route by ${linkOf(host, r.link)?.name ?? r.gw ?? "several links"}${table}` };
    });

const nameServers = (host: Host, { clusterDns, serviceCidrs }: Asked): Taken[] =>
  [...(host.read("/etc/resolv.conf") ?? "").matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map(([, text]) => tryIp(text!.replace(/%.*$/, "")))
    .filter((ip) => ip !== undefined && !isLoopback(ip) && ip !== clusterDns)
    // A pod that looks at itself has the cluster's own, the tenth of the services.
    .filter((ip) => !serviceCidrs.some((c) => ip === tenthOf(c)))
    .map((ip) => ({ range: hostCidr(ip!), by: "the DNS server in /etc/resolv.conf" }));

const tenthOf = (c: Cidr): string =>
  networkOf(c)
    .replace(/(\d+)$/, (last) => String(Number(last) + 10))
    .replace(/::$/, "::a");

const proxies = (host: Host): Taken[] =>
  [
    ...(host.read("/etc/environment") ?? "").matchAll(
      /^\s*(?:export\s+)?(https?_proxy)\s*=\s*"?(?:\w+:\/\/)?(?:[^@\s]*@)?\[?([0-9a-f.:]+?)\]?(?::\d+)?\/?"?\s*$/gim,
    ),
  ].flatMap(([, name, text]): Taken[] => {
    const ip = tryIp(text!);
    return ip ? [{ range: hostCidr(ip), by: `${name} in /etc/environment` }] : [];
  });

export const takenRanges = (host: Host, asked: Asked): Taken[] => [
  ...routes(host, asked),
  ...nameServers(host, asked),
  ...proxies(host),
];

/** Private ranges (RFC 1918, RFC 6598, RFC 4193) in the order in which they are suggested; no two of different purpose overlap. */
const candidates = {
  pods: {
    4: [
      "10.244.0.0/16",
      "10.42.0.0/16",
      "10.200.0.0/16",
      "172.20.0.0/16",
      "172.24.0.0/16",
      "192.168.128.0/17",
      "100.64.0.0/16",
    ],
    6: ["fd00:10:244::/56", "fd00:10:42::/56", "fd00:10:200::/56"],
  },
  services: {
    4: ["10.96.0.0/12", "10.43.0.0/16", "172.30.0.0/16", "172.28.0.0/16", "192.168.64.0/18", "100.96.0.0/16"],
    6: ["fd00:10:96::/112", "fd00:10:43::/112"],
  },
} as const;

/** One that overlaps with none of these, at least as large as the one that it replaces where there is such. */
export const freeRange = (what: keyof typeof candidates, instead: Cidr, used: readonly Cidr[]): string | undefined => {
  const free = candidates[what][cidrFamily(instead)]
    .map((text) => tryCidr(text)!)
    .filter((c) => !used.some((u) => overlaps(u, c)));
  const found = free.find((c) => c.prefix <= instead.prefix) ?? free[0];
  return found && cidrText(found);
};
