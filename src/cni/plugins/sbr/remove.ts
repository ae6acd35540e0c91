/** DEL: the attachment's rules and tables, found by our mark, or as the reference leaves them, by address. */
import { FaultError, joinFaults } from "../../../base/fault.ts";
import type { Ip } from "../../../base/ip.ts";
import { listAddresses } from "../../../net/addresses.ts";
import { applyEach } from "../../../net/apply.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { findLink, findLinkByIndex } from "../../../net/links.ts";
import type { Step } from "../../../net/plan/step.ts";
import { listRoutes, podwireProtocol } from "../../../net/routes.ts";
import { listRules, type Rule } from "../../../net/rules.ts";
import { routeSpec } from "../../../net/specs.ts";
import { openIfThere } from "../../attach/veths.ts";
import type { Request } from "../../spec/types.ts";
import { firstTable, type SbrConfig } from "./config.ts";
import { isMarked, isUnmarked, sourcesIn } from "./own.ts";

type R = Request<SbrConfig>;

/** @throws FaultError; what could not be removed is found again by the next DEL */
export const removeRules = (kernel: Kernel, r: R): void => {
  const ns = openIfThere(kernel, r.netns);
  if (!ns) return;
  const all = listRules(ns);
  const marked = all.filter((rule) => isMarked(r, rule));
  const rules = marked.length > 0 ? marked : unmarkedOf(ns, r, all);
  // Before the rules, which alone tell the tables.
  remove(kernel, routesIn(ns, r, tablesOf(r, marked, all)));
  remove(
    kernel,
    rules.map((rule) => ({ do: "rule.del", in: r.netns, rule })),
  );
};

const remove = (kernel: Kernel, steps: readonly Step[]): void => {
  const failed = applyEach(kernel, steps).failed.filter((f) => !isGone(f.error));
  if (failed.length > 0) throw joinFaults(failed.map((f) => f.error));
};

/**
 * Rules as the reference made them for the addresses that the interface has, or had when it was added. Those that people
 * make look the same, so a table that has to do with other interfaces is not taken for one of these.
 */
const unmarkedOf = (ns: Netns, r: R, all: readonly Rule[]): readonly Rule[] => {
  const found = all.filter((rule) => isUnmarked(rule) && (r.config.table ?? rule.table) === rule.table);
  if (found.length === 0) return [];
  const link = findLink(ns, r.ifname);
  const own = new Set<Ip>([
    ...(r.prevResult ? sourcesIn(r.prevResult, r.ifname).map((s) => s.address.ip) : []),
    ...(link ? listAddresses(ns, link.index).map((a) => a.address.ip) : []),
  ]);
  const mine = found.filter((rule) => rule.from && own.has(rule.from.ip));
  const routes = mine.length > 0 && r.config.table === undefined ? listRoutes(ns) : [];
  const others = new Set(routes.filter((x) => x.link !== link?.index).map((x) => x.table));
  return mine.filter((rule) => !others.has(rule.table));
};

/** The tables that were made with the rules; one that the config names, or that another rule leads to, is not. */
const tablesOf = (r: R, marked: readonly Rule[], all: readonly Rule[]): ReadonlySet<number> =>
  new Set(
    marked
      .map((rule) => rule.table)
      .filter((table) => table >= firstTable && table !== r.config.table)
      .filter((table) => !all.some((rule) => rule.table === table && !marked.includes(rule))),
  );

const routesIn = (ns: Netns, r: R, tables: ReadonlySet<number>): Step[] => {
  if (tables.size === 0) return [];
  return listRoutes(ns)
    .filter((x) => tables.has(x.table) && x.protocol === podwireProtocol)
    .map((x) => routeSpec(x, (index) => findLinkByIndex(ns, index)?.name))
    .filter((route) => route !== undefined)
    .map((route): Step => ({ do: "route.del", in: r.netns, route }));
};

/** A link that goes takes its routes along; someone may have deleted a rule since we looked. */
const isGone = (error: unknown): boolean => {
  const fault = error instanceof FaultError ? error.fault : undefined;
  if (fault?.kind === "kernel") return ["ESRCH", "ENOENT", "ENODEV"].includes(fault.errno);
  return fault?.kind === "not-found";
};
