/** What ADD does, as steps: rules, the tables they lead to, and table main without what has gone there. Pure. */
import { sameCidr } from "../../../base/cidr.ts";
import { routeScopes, routeTables } from "../../../kernel/codec/route/route.ts";
import type { Step } from "../../../net/plan/step.ts";
import { priorityOf, type RouteSpec } from "../../../net/routes.ts";
import type { Request } from "../../spec/types.ts";
import { firstTable, type SbrConfig } from "./config.ts";
import { ruleFor, type Source } from "./own.ts";
import { directFirst, hintRoutes, isIndirect, isLinkLocalRoute, sourcesOf, tableRoutes } from "./routes.ts";

/** What is there before. */
export interface State {
  /** Tables that a rule leads to or that have routes. */
  readonly used: ReadonlySet<number>;
  /** The interface's routes in table main. */
  readonly routes: readonly RouteSpec[];
}

/** The next table from `from` on that nobody uses. */
const freeTable = (used: ReadonlySet<number>, from: number): number => {
  let table = from;
  while (used.has(table) || table === routeTables.default) table++;
  return table;
};

/** @returns the steps, in an order in which every gateway can be reached when its route is made */
export const planAdd = (r: Request<SbrConfig>, sources: readonly Source[], state: State): Step[] => {
  const c = r.config;
  const add = (s: Source, table: number): Step => ({
    do: "rule.add",
    in: r.netns,
    rule: ruleFor(r, s.address.ip, table),
  });
  const { table } = c;
  if (table !== undefined) return sources.map((s) => add(s, table));
  const steps: Step[] = [];
  for (let i = 0, next = firstTable; i < sources.length; i++) {
    const s = sources[i]!;
    const own = freeTable(state.used, next);
    next = own + 1;
    // The rule first: by it, DEL finds the table of an ADD that was killed.
    steps.push(add(s, own));
    for (const route of tableRoutes(c, s, sources, r.ifname, state.routes))
      steps.push({ do: "route.append", in: r.netns, route: { ...route, table: own } });
  }
  return [...steps, ...planMain(r, sources, state)];
};

/** Table main: without the routes that are in the tables now, and with the hints. */
const planMain = (r: Request<SbrConfig>, sources: readonly Source[], { routes }: State): Step[] => {
  const hints = r.config.sourceHints ? hintRoutes(sources, r.ifname) : [];
  const isHint = (x: RouteSpec): boolean => hints.some((h) => samePlace(h, x) && h.src === x.src && !isIndirect(x));
  const missing = hints.filter((h) => !routes.some((x) => isHint(x) && samePlace(h, x)));
  const kept = (x: RouteSpec): boolean =>
    isLinkLocalRoute(x) ||
    isHint(x) ||
    // As the reference has it: of IPv4, all that is reached without a gateway stays where hints are wanted.
    (r.config.sourceHints && x.scope === routeScopes.link && !missing.some((h) => samePlace(h, x)));
  const gone = directFirst(routes.filter((x) => sourcesOf(sources, x).length > 0 && !kept(x)));
  return [
    // Last first: taken back, each comes behind those that were before it, and after those that it needs.
    ...gone.toReversed().map((route): Step => ({ do: "route.del", in: r.netns, route })),
    // Never "replace": another interface may have the same subnet, and its route would be the one to go.
    ...missing.map((route): Step => ({ do: "route.append", in: r.netns, route })),
  ];
};

const samePlace = (a: RouteSpec, b: RouteSpec): boolean => sameCidr(a.dst, b.dst) && priorityOf(a) === priorityOf(b);
