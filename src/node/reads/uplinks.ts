/** Which links lead out of a node, and which address it goes by. */
import { cidrFamily } from "../../base/cidr.ts";
import { type Ip, isLinkLocal6, isLoopback } from "../../base/ip.ts";
import { routeTables, routeTypes } from "../../kernel/codec/route/route.ts";
import type { Address } from "../../net/addresses.ts";
import type { Link } from "../../net/links.ts";
import type { Route } from "../../net/routes.ts";
import type { Asked } from "../asked.ts";
import type { Host } from "../host.ts";
import { cardsOf } from "../identity.ts";

const isGlobal = ({ address: { ip } }: Address): boolean => !isLoopback(ip) && !isLinkLocal6(ip);

export const globalAddresses = (host: Host, link?: Link): Address[] =>
  host.addresses.filter((a) => isGlobal(a) && (link === undefined || a.link === link.index));

export const linkOf = (host: Host, index: number | undefined): Link | undefined =>
  index === undefined ? undefined : host.links.find((l) => l.index === index);

/** Default routes of the main table, the preferred first. */
export const defaultRoutes = (host: Host, family?: 4 | 6): Route[] =>
  host.routes
    .filter((r) => r.table === routeTables.main && r.type === routeTypes.unicast && r.dst.prefix === 0)
    .filter((r) => family === undefined || cidrFamily(r.dst) === family)
    .sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));

const linksOf = (r: Route): number[] =>
  [r.link, ...(r.nexthops ?? []).map((h) => h.link)].filter((l) => l !== undefined);

/** Bond, VLAN, team, or a bridge with a card in it: what carries a card's traffic under another name. */
const stacked = (host: Host, link: Link, cards: readonly Link[]): boolean => {
  if (link.kind === "bond" || link.kind === "team") return true;
  if (link.kind === "vlan" || link.kind === "macvlan") return cards.some((c) => c.index === link.peer);
  return link.kind === "bridge" && host.links.some((l) => l.master === link.index && l.kind === undefined);
};

/** Cards and what stands on them, and wherever a default route leads (a container's eth0 is a veth). */
export const uplinksOf = (host: Host): Link[] => {
  const cards = cardsOf(host);
  const routed = new Set(defaultRoutes(host).flatMap(linksOf));
  return host.links.filter(
    (l) => cards.includes(l) || stacked(host, l, cards) || (routed.has(l.index) && l.name !== "lo"),
  );
};

export interface NodeAddress {
  readonly ip: Ip;
  readonly link: Link | undefined;
  /** Who chose it. */
  readonly by: string;
}

/** kubelet's flags: kubeadm writes one file, people the other. */
const flagFiles = ["/var/lib/kubelet/kubeadm-flags.env", "/etc/default/kubelet", "/etc/sysconfig/kubelet"];

/** `--node-ip` as kubelet is told it, and where; the later file wins, as kubeadm's unit has them. */
export const toldNodeIp = (host: Host): { readonly text: string; readonly path: string } | undefined =>
  flagFiles
    .flatMap((path) => {
      const found = /--node-ip[= ]"?([0-9a-fA-F.:]+)/.exec(host.read(path) ?? "");
      return found?.[1] ? [{ text: found[1], path }] : [];
    })
    .at(-1);

/** What kubelet would take: what it is told, or the address that the default route leaves by. */
export const nodeAddress = (host: Host, asked: Asked): NodeAddress | undefined => {
  const holder = (ip: Ip): Link | undefined => linkOf(host, host.addresses.find((a) => a.address.ip === ip)?.link);
  if (asked.nodeIp !== undefined) return { ip: asked.nodeIp, link: holder(asked.nodeIp), by: "--node-ip" };
  const family = asked.podCidrs[0] ? cidrFamily(asked.podCidrs[0]) : 4;
  for (const route of [...defaultRoutes(host, family), ...defaultRoutes(host)]) {
    const link = linkOf(host, linksOf(route)[0]);
    const ip =
      route.src ??
      (link && globalAddresses(host, link).find((a) => cidrFamily(a.address) === cidrFamily(route.dst))?.address.ip);
    if (ip !== undefined) return { ip, link, by: "the default route" };
  }
  return undefined;
};

/** Up, and something on the other side. */
export const carries = (link: Link): boolean => link.up && (link.operstate === "UP" || link.operstate === "UNKNOWN");
