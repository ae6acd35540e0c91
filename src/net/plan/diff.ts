/**
 * What differs between what is wanted and what is, as steps: pure. Adds come before deletes, and only what is ours is
 * ever deleted or overwritten; where another's stands in the way, the add fails with EEXIST and says so.
 */
import { cidrText } from "../../base/cidr.ts";
import { family } from "../../base/ip.ts";
import type { AddressSpec } from "../addresses.ts";
import type { Link, LinkSpec } from "../links.ts";
import { podwireProtocol, priorityOf, type RouteSpec, scopeOf, tableOf } from "../routes.ts";
import type { RuleSpec } from "../rules.ts";
import type { NetState } from "./state.ts";
import type { Step } from "./step.ts";

/** Our links' aliases begin with it. */
export const podwireAlias = "podwire ";
export const isOurLink = (l: Pick<Link, "alias">): boolean => l.alias?.startsWith(podwireAlias) ?? false;

/** What makes two routes the same place in a table: the kernel holds one of each (or one set of next hops). */
const routeKey = (r: RouteSpec): string => `${family(r.dst.ip)} ${tableOf(r)} ${cidrText(r.dst)} ${priorityOf(r)}`;

/** All that we can say of a route, with defaults filled in, in one spelling. */
const routeText = (r: RouteSpec): string =>
  JSON.stringify([
    routeKey(r),
    r.type ?? "unicast",
    r.protocol ?? podwireProtocol,
    scopeOf(r),
    r.gw ?? null,
    r.link ?? null,
    r.src ?? null,
    r.mtu ?? null,
    r.advmss ?? null,
    r.onlink ?? false,
    (r.nexthops ?? []).map((h) => `${h.gw} ${h.link} ${h.weight ?? 1}`).sort(),
  ]);

/** The kernel finds the link of a gateway by itself: a wish without one is met by any. */
const meets = (want: RouteSpec, live: RouteSpec): boolean => {
  const { link, nexthops, ...rest } = live;
  const anyLink = want.link === undefined && want.gw !== undefined;
  const hops = nexthops?.map(({ link: hopLink, ...h }) =>
    want.nexthops?.some((w) => w.gw === h.gw && w.link === undefined) || hopLink === undefined
      ? h
      : { ...h, link: hopLink },
  );
  const masked = {
    ...rest,
    ...(link === undefined || anyLink ? {} : { link }),
    ...(hops ? { nexthops: hops } : {}),
  };
  return routeText(want) === routeText(masked);
};

const isOurs = (r: { readonly protocol?: number }): boolean => (r.protocol ?? podwireProtocol) === podwireProtocol;

/** Wanted routes must differ in destination, table or metric. */
export const diffRoutes = (into: string, want: readonly RouteSpec[], live: readonly RouteSpec[]): Step[] => {
  const ours = new Map<string, RouteSpec[]>();
  for (const r of live.filter(isOurs)) ours.set(routeKey(r), [...(ours.get(routeKey(r)) ?? []), r]);
  const puts: Step[] = [];
  const dels: Step[] = [];
  for (const route of want) {
    const there = ours.get(routeKey(route)) ?? [];
    ours.delete(routeKey(route));
    const kept = there.find((r) => meets(route, r)) ?? there[0];
    if (!kept) puts.push({ do: "route.add", in: into, route });
    else if (!meets(route, kept)) puts.push({ do: "route.replace", in: into, route });
    dels.push(...there.filter((r) => r !== kept).map((r): Step => ({ do: "route.del", in: into, route: r })));
  }
  for (const r of [...ours.values()].flat()) dels.push({ do: "route.del", in: into, route: r });
  return [...puts, ...dels];
};

const addressKey = (a: AddressSpec): string => `${a.link} ${cidrText(a.address)} ${a.peer ? cidrText(a.peer) : ""}`;

/** `ours` tells the links whose addresses are ours to delete. */
export const diffAddresses = (
  into: string,
  want: readonly AddressSpec[],
  live: readonly AddressSpec[],
  ours: (link: string) => boolean,
): Step[] => {
  const there = new Set(live.map(addressKey));
  const wanted = new Set(want.map(addressKey));
  return [
    ...want.filter((a) => !there.has(addressKey(a))).map((address): Step => ({ do: "address.add", in: into, address })),
    ...live
      .filter((a) => !wanted.has(addressKey(a)) && ours(a.link))
      .map((address): Step => ({ do: "address.del", in: into, address })),
  ];
};

/**
 * Links by name. Of one that is there and ours, the MTU, state, master and address are brought in line; one of another
 * kind is made anew. One that is there and not ours is an add that fails.
 */
export const diffLinks = (into: string, want: readonly LinkSpec[], live: readonly Link[]): Step[] => {
  const byName = new Map(live.map((l) => [l.name, l]));
  const nameOf = new Map(live.map((l) => [l.index, l.name]));
  const wanted = new Set(want.flatMap((l) => [l.name, l.peer && l.peer.netns === undefined ? l.peer.name : l.name]));
  const steps = want.flatMap((link): Step[] => {
    const now = byName.get(link.name);
    const add: Step = { do: "link.add", in: into, link };
    if (!now || !isOurLink(now)) return [add];
    if (now.kind !== link.info.kind) return [{ do: "link.del", in: into, name: link.name }, add];
    const master = now.master === undefined ? null : (nameOf.get(now.master) ?? null);
    const set = {
      ...(link.mtu !== undefined && link.mtu !== now.mtu ? { mtu: link.mtu } : {}),
      ...(link.mac !== undefined && link.mac !== now.mac ? { mac: link.mac } : {}),
      ...(link.alias !== undefined && link.alias !== now.alias ? { alias: link.alias } : {}),
      ...((link.master ?? null) === master ? {} : { master: link.master ?? null }),
      ...(link.up && !now.up ? { up: true } : {}),
    };
    return Object.keys(set).length === 0 ? [] : [{ do: "link.set", in: into, name: link.name, set }];
  });
  const dels = live
    .filter((l) => isOurLink(l) && !wanted.has(l.name))
    .map((l): Step => ({ do: "link.del", in: into, name: l.name, orGone: true }));
  return [...steps, ...dels];
};

const ruleText = (r: RuleSpec): string =>
  JSON.stringify([
    ...[r.family, r.table, r.priority ?? null, r.from ? cidrText(r.from) : null, r.to ? cidrText(r.to) : null],
    ...[r.iif ?? null, r.oif ?? null, r.mark ?? null, r.mask ?? null, r.invert ?? false],
    ...[r.suppressPrefixlen ?? null, r.suppressIfgroup ?? null, r.protocol ?? podwireProtocol],
  ]);

/** Wanted rules must give their priority: the kernel would choose one, and no two looks would agree. */
export const diffRules = (into: string, want: readonly RuleSpec[], live: readonly RuleSpec[]): Step[] => {
  const there = new Set(live.map(ruleText));
  const wanted = new Set(want.map(ruleText));
  return [
    ...want.filter((r) => !there.has(ruleText(r))).map((rule): Step => ({ do: "rule.add", in: into, rule })),
    ...live
      .filter((r) => isOurs(r) && !wanted.has(ruleText(r)))
      .map((rule): Step => ({ do: "rule.del", in: into, rule })),
  ];
};

/** What should be; `sysctls` are set and never unset. */
export interface NetWish {
  readonly links?: readonly LinkSpec[];
  readonly addresses?: readonly AddressSpec[];
  readonly routes?: readonly RouteSpec[];
  readonly rules?: readonly RuleSpec[];
  readonly sysctls?: Readonly<Record<string, string>>;
}

/**
 * From what is to what should be. A noun that the wish leaves out is left alone. Making goes links, sysctls, addresses,
 * routes, rules; taking away the other way round.
 */
export const diffState = (into: string, want: NetWish, live: NetState): Step[] => {
  const ourLinks = new Set(live.links.filter(isOurLink).map((l) => l.name));
  const parts = [
    want.links ? diffLinks(into, want.links, live.links) : [],
    Object.entries(want.sysctls ?? {})
      .filter(([name, value]) => live.sysctls[name] !== value)
      .map(([name, value]): Step => ({ do: "sysctl.set", in: into, name, value })),
    want.addresses ? diffAddresses(into, want.addresses, live.addresses, (link) => ourLinks.has(link)) : [],
    want.routes ? diffRoutes(into, want.routes, live.routes) : [],
    want.rules ? diffRules(into, want.rules, live.rules) : [],
  ];
  // A link that is made anew is deleted right before.
  const isLast = (s: Step): boolean => s.do.endsWith(".del") && !(s.do === "link.del" && !s.orGone);
  return [
    ...parts.flatMap((steps) => steps.filter((s) => !isLast(s))),
    ...parts.toReversed().flatMap((steps) => steps.filter(isLast)),
  ];
};
