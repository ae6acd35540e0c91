/** CHECK: each address's rule, each route of the table that it leads to, the hints; all that differs, at once. */
import { cidrFamily, sameCidr } from "../../../base/cidr.ts";
import { joinFaults } from "../../../base/fault.ts";
import { routeTables } from "../../../kernel/codec/route/route.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import { listRoutes, podwireProtocol, type RouteSpec } from "../../../net/routes.ts";
import { listRules, type Rule } from "../../../net/rules.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { Findings } from "../../findings.ts";
import type { Request, Result } from "../../spec/types.ts";
import { firstTable, type SbrConfig } from "./config.ts";
import { expectedOf, type Hop, hasRoute, hopsOn, sharedOf, unreachableOf, type Wanted } from "./expected.ts";
import { isMarked, isUnmarked, needSources, ruleFor, type Source } from "./own.ts";
import { hintRoutes } from "./routes.ts";

type R = Request<SbrConfig>;

/** @throws FaultError not-found, bad-config */
export const check = (r: R, kernel: Kernel): void => {
  const prev = needPrevResult(r);
  const sources = needSources(prev, r.ifname);
  const ns = kernel.open(r.netns);
  const found = new Findings();
  const link = findLink(ns, r.ifname);
  if (!link) found.gone(`${r.ifname} in ${r.netns}`);
  const rules = listRules(ns);
  const hops = link && r.config.table === undefined ? hopsOn(listRoutes(ns), link.index) : [];
  const tables = tablesBySource(r, sources, rules, hops);
  for (const s of sources) if (!ruleOf(r, s, rules, hops)) ruleGone(r, s, tables.get(s), found);
  // Without the link there are no routes, and its loss is told.
  if (link && r.config.table === undefined) {
    for (const [s, table] of tables) checkTable(r, prev, s, table, { sources, hops, tables }, found);
    for (const hint of r.config.sourceHints ? hintRoutes(sources, r.ifname) : [])
      if (!hasRoute(hops, { ...hint, table: routeTables.main })) missing(r, hint, found);
  }
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

/** One without our mark, as the reference makes them, has to lead to routes of the interface. */
const ruleOf = (r: R, s: Source, rules: readonly Rule[], hops: readonly Hop[]): Rule | undefined => {
  const own = rules.filter((x) => x.from?.ip === s.address.ip && x.table === (r.config.table ?? x.table));
  const leads = (x: Rule): boolean => r.config.table !== undefined || hops.some((h) => h.table === x.table);
  return own.find((x) => isMarked(r, x)) ?? own.find((x) => isUnmarked(x) && leads(x));
};

/**
 * The table of each address: where its rule leads; without one, a table of routes that no rule leads to any more. ADD
 * gave them in the order of the addresses.
 */
const tablesBySource = (
  r: R,
  sources: readonly Source[],
  rules: readonly Rule[],
  hops: readonly Hop[],
): ReadonlyMap<Source, number> => {
  const tables = new Map<Source, number>();
  const led = new Set(rules.map((x) => x.table));
  const lost = hops.filter((h) => h.protocol === podwireProtocol && h.table >= firstTable && !led.has(h.table));
  for (const s of sources) {
    const family = cidrFamily(s.address);
    const next = () => {
      const left = lost.filter((h) => cidrFamily(h.dst) === family && ![...tables.values()].includes(h.table));
      return left.length > 0 ? Math.min(...left.map((h) => h.table)) : undefined;
    };
    const table = r.config.table ?? ruleOf(r, s, rules, hops)?.table ?? next();
    if (table !== undefined) tables.set(s, table);
  }
  return tables;
};

const ruleGone = (r: R, s: Source, table: number | undefined, found: Findings): void => {
  const what = `rule from ${s.address.ip}`;
  const again = `podwire cni del ${r.network} --container-id ${r.containerId} --ifname ${r.ifname}`;
  if (table === undefined) found.gone(what, again);
  else
    found.gone(
      `${what} table ${table}`,
      render({ do: "rule.add", in: r.netns, rule: ruleFor(r, s.address.ip, table) }),
    );
};

interface Seen {
  readonly sources: readonly Source[];
  readonly hops: readonly Hop[];
  readonly tables: ReadonlyMap<Source, number>;
}

const checkTable = (r: R, prev: Result, s: Source, table: number, seen: Seen, found: Findings): void => {
  const wanted: readonly Wanted[] = [
    ...expectedOf(r, prev, s, seen.sources, seen.hops),
    ...sharedOf(s, seen.sources, seen.hops, [...seen.tables.values()], r.ifname),
  ].map((route) => ({ ...route, table }));
  const all = wanted.filter((route) => !hasRoute(seen.hops, route));
  // Another table may say more of the way to the subnet.
  const gone = all.filter((w) => !w.anyGateway || !all.some((x) => x !== w && sameCidr(x.dst, w.dst)));
  const lines = new Set(gone.map((route) => line(r, route)));
  for (const route of gone) if (lines.delete(line(r, route))) missing(r, route, found);
  // What leads to a gateway is the less to blame when more is missing.
  if (gone.length === 0) for (const route of unreachableOf(seen.hops, table, r.ifname)) missing(r, route, found);
};

const line = (r: R, route: RouteSpec): string => render({ do: "route.append", in: r.netns, route });

/** As `ip route` prints it, with the line that brings it back. */
const missing = (r: R, route: RouteSpec, found: Findings): void => {
  const table = route.table === undefined || route.table === routeTables.main ? "" : ` table ${route.table}`;
  const dst = route.dst.prefix === 0 ? "default" : `${route.dst.ip}/${route.dst.prefix}`;
  const via = route.gw ? ` via ${route.gw}` : "";
  const src = route.src ? ` src ${route.src}` : "";
  found.gone(`route ${dst}${via} dev ${r.ifname}${table}${src}`, line(r, route));
};
