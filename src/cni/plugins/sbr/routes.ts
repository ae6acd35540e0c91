/** Which routes go with which address, and what each address's table has to hold. Pure. */
import { type Cidr, cidrFamily, contains, networkOf, sameCidr } from "../../../base/cidr.ts";
import { bitsOf, isLinkLocal6 } from "../../../base/ip.ts";
import { routeProtocols, routeScopes } from "../../../kernel/codec/route/route.ts";
import { podwireProtocol, priorityOf, type RouteSpec } from "../../../net/routes.ts";
import { anywhere } from "../../attach/layer3.ts";
import type { SbrConfig } from "./config.ts";
import type { Source } from "./own.ts";

/** What a route of the interface and one of the result have in common. */
type Way = Pick<RouteSpec, "dst" | "gw" | "src" | "nexthops">;

const gatewaysOf = (r: Way) => [r.gw, ...(r.nexthops ?? []).map((h) => h.gw)].filter((gw) => gw !== undefined);

/** True for a route that needs another one to reach its gateway. */
export const isIndirect = (r: Way): boolean => gatewaysOf(r).length > 0;

/** In an order in which they can be made. */
export const directFirst = (routes: readonly RouteSpec[]): readonly RouteSpec[] => [
  ...routes.filter((r) => !isIndirect(r)),
  ...routes.filter(isIndirect),
];

/**
 * The addresses whose packets take a route: those in whose subnet its source is, else its gateway, else all of its
 * family. None for a route from an address that is not among them.
 */
export const sourcesOf = <S extends Source>(sources: readonly S[], r: Way): readonly S[] => {
  const family = sources.filter((s) => cidrFamily(s.address) === cidrFamily(r.dst));
  const { src } = r;
  if (src) return family.filter((s) => contains(s.address, src));
  const near = family.filter((s) => gatewaysOf(r).some((gw) => contains(s.address, gw)));
  return near.length > 0 ? near : family;
};

/** Made by the kernel from what routers say, with an end to it, and made again when they say it again. */
export const isAdvertised = (r: RouteSpec): boolean =>
  r.protocol === routeProtocols.ra || r.protocol === routeProtocols.redirect;

/** The link's own route, which link-local addresses need: they have no rule that would lead elsewhere. */
export const isLinkLocalRoute = (r: Way): boolean => isLinkLocal6(r.dst.ip);

const isDefault = (r: Way): boolean => r.dst.prefix === 0;

/** The default route of an address's table, when a gateway says so and no route of the interface stands for it. */
const defaultFor = (c: SbrConfig, s: Source, link: string, there: readonly RouteSpec[]): readonly RouteSpec[] => {
  const family = cidrFamily(s.address);
  const gw = c.gateways[family] ?? s.gateway;
  if (gw === undefined) return [];
  const route: RouteSpec = { dst: anywhere[family], gw, link };
  return there.some((r) => isDefault(r) && priorityOf(r) === priorityOf(route)) ? [] : [route];
};

/** The routes of `s`'s table: its part of the interface's, and a default route. Those that others need come first. */
export const tableRoutes = (
  c: SbrConfig,
  s: Source,
  sources: readonly Source[],
  link: string,
  routes: readonly RouteSpec[],
): readonly RouteSpec[] => {
  const given = c.gateways[cidrFamily(s.address)] !== undefined;
  const copies = routes
    .filter((r) => sourcesOf(sources, r).includes(s))
    // A gateway that the config names is instead of all others.
    .filter((r) => !(given && isDefault(r)))
    .map((r) => ({ ...r, protocol: podwireProtocol }));
  return directFirst([...copies, ...defaultFor(c, s, link, copies)]);
};

/** Subnet of an address; undefined for an address alone. */
export const subnetOf = ({ address }: Source): Cidr | undefined =>
  address.prefix === bitsOf(cidrFamily(address)) ? undefined : { ip: networkOf(address), prefix: address.prefix };

/** One for each subnet, by its first address: what table main keeps for those who name no source. */
export const hintRoutes = (sources: readonly Source[], link: string): readonly RouteSpec[] => {
  const out: RouteSpec[] = [];
  for (const s of sources) {
    const dst = subnetOf(s);
    if (!dst || out.some((r) => sameCidr(r.dst, dst))) continue;
    const scope = cidrFamily(dst) === 4 ? { scope: routeScopes.link } : {};
    out.push({ dst, link, src: s.address.ip, ...scope });
  }
  return out;
};
