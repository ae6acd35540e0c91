/** What CHECK expects of the tables, told from config, result, and the tables themselves. Pure. */
import { type Cidr, cidrFamily, contains, hostCidr, sameCidr } from "../../../base/cidr.ts";
import { family, type Ip, isLinkLocal6 } from "../../../base/ip.ts";
import { routeTables } from "../../../kernel/codec/route/route.ts";
import { podwireProtocol, type Route, type RouteSpec } from "../../../net/routes.ts";
import { effectiveRoutes } from "../../attach/layer3.ts";
import type { Request, Result } from "../../spec/types.ts";
import type { SbrConfig } from "./config.ts";
import { type Source, sourcesIn } from "./own.ts";
import { isLinkLocalRoute, sourcesOf, subnetOf, tableRoutes } from "./routes.ts";

/** One way out by the interface: of several next hops each is one. */
export type Hop = Pick<Route, "dst" | "gw" | "src" | "table" | "protocol" | "priority" | "scope" | "onlink">;

export const hopsOn = (routes: readonly Route[], index: number): readonly Hop[] =>
  routes.flatMap((route) => {
    const { gw, link, nexthops, ...rest } = route;
    const ways = nexthops ?? [{ gw, link, onlink: route.onlink }];
    return ways
      .filter((w) => w.link === index)
      .map((w): Hop => ({ ...rest, ...(w.gw && { gw: w.gw }), ...(w.onlink && { onlink: true }) }));
  });

/** A route that need not be there word for word: of a subnet, that there is a way. */
export type Wanted = RouteSpec & { readonly anyGateway?: boolean };

const isHop = (h: Hop, w: Wanted): boolean =>
  sameCidr(h.dst, w.dst) &&
  h.table === w.table &&
  (w.anyGateway || h.gw === w.gw) &&
  (w.src === undefined || h.src === w.src) &&
  // IPv6 has one where nobody gave one.
  (w.priority === undefined || (h.priority ?? 0) === w.priority);

export const hasRoute = (hops: readonly Hop[], wanted: Wanted): boolean => hops.some((h) => isHop(h, wanted));

/**
 * The routes of an address's table as the result has them: to its subnet, those of the IPAM plugin, the default route; and
 * the link's own, which is in table main, too.
 */
export const expectedOf = (
  r: Request<SbrConfig>,
  prev: Result,
  s: Source,
  sources: readonly Source[],
  hops: readonly Hop[],
): readonly Wanted[] => {
  const link = r.ifname;
  const ips = sourcesIn(prev, link);
  const given = effectiveRoutes({ ips, routes: prev.routes }).filter((x) => !x.table || x.table === routeTables.main);
  const linkLocal = hops.filter((h) => h.table === routeTables.main && isLinkLocalRoute(h));
  const subnet = subnetOf(s);
  return [
    // By ptp it is reached through the gateway.
    ...(subnet ? [{ dst: subnet, link, anyGateway: true }] : []),
    ...tableRoutes(r.config, s, sources, link, [
      ...linkLocal.map(({ dst, priority }) => ({ dst, link, ...(priority !== undefined && { priority }) })),
      ...given.map((route) => ({ ...route, link })),
    ]),
  ];
};

/** What tables of the other addresses hold that goes with this address, too. */
export const sharedOf = (
  s: Source,
  sources: readonly Source[],
  hops: readonly Hop[],
  tables: readonly number[],
  link: string,
): readonly Wanted[] =>
  hops
    .filter((h) => tables.includes(h.table) && h.protocol === podwireProtocol && h.dst.prefix > 0)
    .filter((h) => cidrFamily(h.dst) === cidrFamily(s.address) && sourcesOf(sources, h).includes(s))
    .map(({ dst, gw, src, scope, priority }) => ({
      dst,
      link,
      ...(cidrFamily(dst) === 4 && { scope }),
      ...(gw && { gw }),
      ...(src && { src }),
      ...(priority !== undefined && { priority }),
    }));

/** Gateways of a table whose nearest route leads through a gateway again: the direct ones that are wanting. */
export const unreachableOf = (hops: readonly Hop[], table: number, link: string): readonly RouteSpec[] => {
  const own = hops.filter((h) => h.table === table);
  const nearest = (ip: Ip): Hop | undefined => {
    const ways = own.filter((h) => contains(h.dst, ip));
    return ways.toSorted((a, b) => b.dst.prefix - a.dst.prefix)[0];
  };
  const lost = own
    .filter((h) => h.gw && !h.onlink && !isLinkLocal6(h.gw) && family(h.gw) === cidrFamily(h.dst))
    .map((h) => h.gw!)
    // A default route leads everywhere, and so says nothing.
    .filter((gw) => (nearest(gw)?.dst.prefix ?? 0) > 0 && nearest(gw)?.gw !== undefined);
  return [...new Set(lost)].map((gw) => ({ dst: hostCidr(gw), link, table }) satisfies { dst: Cidr } & RouteSpec);
};
