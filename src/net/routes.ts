/** Routes: the verbs of `ip route`. */

import type { Cidr } from "../base/cidr.ts";
import { FaultError } from "../base/fault.ts";
import { type Family, family, type Ip } from "../base/ip.ts";
import { F } from "../kernel/codec/message.ts";
import {
  type RouteMessage,
  RTM_ROUTE,
  RTNH_F,
  route,
  routeScopes,
  routeTables,
  routeTypes,
} from "../kernel/codec/route/route.ts";
import type { Op } from "../kernel/os/syscall.ts";
import { AF } from "./addresses.ts";
import type { Netns } from "./kernel.ts";
import { linkIndex } from "./links.ts";

/** Our mark on routes (rtm_protocol): a number that neither the kernel nor a daemon of /etc/iproute2/rt_protos uses. */
export const podwireProtocol = 112;

export interface Route {
  readonly dst: Cidr;
  readonly gw?: Ip;
  /** Index of the link. */
  readonly link?: number;
  readonly src?: Ip;
  readonly type: number;
  readonly scope: number;
  readonly protocol: number;
  readonly table: number;
  /** Metric. */
  readonly priority?: number;
  readonly mtu?: number;
  readonly advmss?: number;
  /** The gateway need not be reachable by another route (RTNH_F_ONLINK). */
  readonly onlink?: boolean;
  readonly nexthops?: readonly { gw?: Ip; link: number; weight: number; onlink?: boolean }[];
}

export interface RouteSpec {
  readonly dst: Cidr;
  readonly gw?: Ip;
  /** Name of the link. */
  readonly link?: string;
  readonly src?: Ip;
  /**
   * Defaults, as `ip` has them: unicast; table main, but local for the types local, broadcast, anycast; IPv4 scope host
   * for local, link for broadcast, anycast, multicast and for unicast without a gateway, else universe.
   */
  readonly type?: keyof typeof routeTypes;
  readonly scope?: number;
  /** Default: `podwireProtocol`. */
  readonly protocol?: number;
  readonly table?: number;
  readonly priority?: number;
  readonly mtu?: number;
  readonly advmss?: number;
  /** The gateway need not be reachable by another route. */
  readonly onlink?: boolean;
  readonly nexthops?: readonly { gw?: Ip; link?: string; weight?: number }[];
}

export const routeFromMessage = (m: RouteMessage): Route => {
  const any = m.family === AF[4] ? ("0.0.0.0" as Ip) : ("::" as Ip);
  const gw = m.gateway ?? m.via?.ip;
  return {
    dst: { ip: m.dst ?? any, prefix: m.dstLen },
    type: m.type,
    scope: m.scope,
    protocol: m.protocol,
    table: m.table ?? m.tableLow,
    ...(gw ? { gw } : {}),
    ...(m.oif === undefined ? {} : { link: m.oif }),
    ...(m.prefsrc ? { src: m.prefsrc } : {}),
    ...(m.priority === undefined ? {} : { priority: m.priority }),
    ...(m.metrics?.mtu === undefined ? {} : { mtu: m.metrics.mtu }),
    ...(m.metrics?.advmss === undefined ? {} : { advmss: m.metrics.advmss }),
    ...(m.flags & RTNH_F.onlink ? { onlink: true } : {}),
    ...(m.multipath
      ? {
          nexthops: m.multipath.map((h) => ({
            link: h.ifindex,
            weight: h.hops + 1,
            ...(h.gateway ? { gw: h.gateway } : h.via ? { gw: h.via.ip } : {}),
            ...(h.flags & RTNH_F.onlink ? { onlink: true } : {}),
          })),
        }
      : {}),
  };
};

/** `ip route show table all` (or one), both families; cached entries left out, as `ip` does. */
export const listRoutes = (ns: Netns, table?: number): Route[] => {
  const RTM_F_CLONED = 0x200;
  return ns.rt
    .dump({ type: RTM_ROUTE.get, op: "ip route", payload: route.write({}) })
    .map((m) => route.read(m.payload))
    .filter((m) => !(m.flags & RTM_F_CLONED) && (m.family === AF[4] || m.family === AF[6]))
    .map(routeFromMessage)
    .filter((r) => table === undefined || r.table === table);
};

const unreachable: readonly string[] = ["ENETUNREACH", "EHOSTUNREACH", "EACCES"];

/** `ip route get IP`: index of the link that a packet of ours to that address leaves by; undefined when there is no way. */
export const linkTo = (ns: Netns, ip: Ip): number | undefined => {
  const f = family(ip);
  const payload = route.write({ family: AF[f], dstLen: f === 4 ? 32 : 128, dst: ip });
  try {
    return route.read(ns.rt.get({ type: RTM_ROUTE.get, op: `ip route get ${ip}`, payload }).payload).oif;
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "kernel" && unreachable.includes(error.fault.errno))
      return undefined;
    throw error;
  }
};

/** The table that a route goes to when it does not say. */
export const tableOf = (r: Pick<RouteSpec, "table" | "type">): number =>
  r.table ??
  (r.type === "local" || r.type === "broadcast" || r.type === "anycast" ? routeTables.local : routeTables.main);

/** The metric that a route has when it does not say: IP6_RT_PRIO_USER for IPv6. */
export const priorityOf = (r: Pick<RouteSpec, "dst" | "priority">): number =>
  r.priority || (family(r.dst.ip) === 6 ? 1024 : 0);

/** The scope that a route has when it does not say. */
export const scopeOf = (r: RouteSpec): number => {
  if (r.scope !== undefined) return r.scope;
  const type = r.type ?? "unicast";
  if (family(r.dst.ip) === 6) return routeScopes.universe;
  if (type === "local") return routeScopes.host;
  if (type === "broadcast" || type === "multicast" || type === "anycast") return routeScopes.link;
  return type === "unicast" && r.gw === undefined && !r.nexthops ? routeScopes.link : routeScopes.universe;
};

/** A gateway of the route's own family is RTA_GATEWAY, one of the other RTA_VIA. */
const gateway = (f: Family, gw: Ip | undefined): { gateway?: Ip; via?: { family: number; ip: Ip } } =>
  gw === undefined ? {} : family(gw) === f ? { gateway: gw } : { via: { family: AF[family(gw)], ip: gw } };

const message = (ns: Netns, r: RouteSpec, scope = scopeOf(r)): Uint8Array => {
  const f = family(r.dst.ip);
  const table = tableOf(r);
  const index = (name: string | undefined): number | undefined =>
    name === undefined ? undefined : linkIndex(ns, name);
  const sizes = { mtu: r.mtu, advmss: r.advmss };
  return route.write({
    family: AF[f],
    dstLen: r.dst.prefix,
    tableLow: table < 256 ? table : 0,
    protocol: r.protocol ?? podwireProtocol,
    scope,
    type: routeTypes[r.type ?? "unicast"],
    flags: r.onlink && !r.nexthops ? RTNH_F.onlink : 0,
    dst: r.dst.prefix === 0 ? undefined : r.dst.ip,
    ...gateway(f, r.gw),
    oif: index(r.link),
    prefsrc: r.src,
    priority: r.priority,
    table,
    metrics: r.mtu === undefined && r.advmss === undefined ? undefined : sizes,
    multipath: r.nexthops?.map((h) => ({
      flags: r.onlink ? RTNH_F.onlink : 0,
      hops: (h.weight ?? 1) - 1,
      ifindex: index(h.link) ?? 0,
      ...gateway(f, h.gw),
    })),
  });
};

const put = (ns: Netns, r: RouteSpec, flags: number, op: Op): void => {
  ns.rt.request({ type: RTM_ROUTE.new, flags: F.create | flags, op, payload: message(ns, r), locate: route.locate });
};
/** Fails with EEXIST when the destination (and metric) is taken. */
export const addRoute = (ns: Netns, r: RouteSpec, op: Op): void => put(ns, r, F.excl, op);
export const replaceRoute = (ns: Netns, r: RouteSpec, op: Op): void => put(ns, r, F.replace, op);
/** Adds beside others of the same destination. */
export const appendRoute = (ns: Netns, r: RouteSpec, op: Op): void => put(ns, r, F.append, op);
export const delRoute = (ns: Netns, r: RouteSpec, op: Op): void => {
  // Scope nowhere matches any: a route is told by its destination, table, metric and protocol.
  const payload = message(ns, r, r.scope ?? (family(r.dst.ip) === 4 ? routeScopes.nowhere : routeScopes.universe));
  ns.rt.request({ type: RTM_ROUTE.del, op, payload, locate: route.locate });
};
