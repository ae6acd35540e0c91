/** Live values as the specs that would make them: for taking back, and for comparing what is with what should be. */
import { IFA_F } from "../kernel/codec/route/address.ts";
import { nudStates } from "../kernel/codec/route/neighbour.ts";
import { routeTypes } from "../kernel/codec/route/route.ts";
import type { Address, AddressSpec } from "./addresses.ts";
import type { Neighbour, NeighbourSpec } from "./neighbours.ts";
import type { Route, RouteSpec } from "./routes.ts";

/** Name of a link by its index. */
export type NameOf = (index: number) => string | undefined;

const typeName = (n: number): keyof typeof routeTypes | undefined =>
  (Object.keys(routeTypes) as (keyof typeof routeTypes)[]).find((k) => routeTypes[k] === n);

/** Undefined when a link has gone, or for a type that we do not make. */
export const routeSpec = (r: Route, nameOf: NameOf): RouteSpec | undefined => {
  const type = typeName(r.type);
  const link = r.link === undefined ? undefined : nameOf(r.link);
  const nexthops = r.nexthops?.map(({ link: index, onlink: _, ...h }) => ({ ...h, link: nameOf(index) ?? "" }));
  if (!type || (r.link !== undefined && link === undefined) || nexthops?.some((h) => h.link === "")) return undefined;
  const onlink = r.onlink || r.nexthops?.some((h) => h.onlink);
  // The kernel hangs an IPv6 route of a special type on loopback; said back to it, it would be refused.
  const special = type !== "unicast" && type !== "local" && type !== "anycast" && type !== "multicast";
  return {
    dst: r.dst,
    type,
    table: r.table,
    protocol: r.protocol,
    scope: r.scope,
    ...(r.gw ? { gw: r.gw } : {}),
    ...(link === undefined || (special && type !== "broadcast") ? {} : { link }),
    ...(r.src ? { src: r.src } : {}),
    ...(r.priority === undefined ? {} : { priority: r.priority }),
    ...(r.mtu === undefined ? {} : { mtu: r.mtu }),
    ...(r.advmss === undefined ? {} : { advmss: r.advmss }),
    ...(onlink ? { onlink } : {}),
    ...(nexthops ? { nexthops } : {}),
  };
};

export const addressSpec = (a: Address, nameOf: NameOf): AddressSpec | undefined => {
  const link = nameOf(a.link);
  if (link === undefined) return undefined;
  return {
    link,
    address: a.address,
    scope: a.scope,
    ...(a.peer ? { peer: a.peer } : {}),
    ...(a.broadcast ? { broadcast: a.broadcast } : {}),
    ...(a.flags & IFA_F.nodad ? { nodad: true } : {}),
    ...(a.flags & IFA_F.noprefixroute ? { noprefixroute: true } : {}),
    ...(a.lifetime ? { lifetime: a.lifetime } : {}),
  };
};

/** Undefined for an entry that is being resolved: that is the kernel's own business. */
export const neighbourSpec = (n: Neighbour, link: string): NeighbourSpec | undefined => {
  const state = (Object.keys(nudStates) as (keyof typeof nudStates)[]).find((k) => nudStates[k] === n.state);
  if (state === undefined || state === "incomplete" || state === "failed") return undefined;
  return { ip: n.ip, link, state, protocol: n.protocol, ...(n.mac ? { mac: n.mac } : {}) };
};
