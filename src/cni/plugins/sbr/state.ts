/** What is there before ADD, read from the pod once, and refused when ADD cannot go on from it. */
import { FaultError } from "../../../base/fault.ts";
import { routeTables } from "../../../kernel/codec/route/route.ts";
import type { Netns } from "../../../net/kernel.ts";
import { linkIndex } from "../../../net/links.ts";
import { listRoutes, type Route, type RouteSpec } from "../../../net/routes.ts";
import { listRules } from "../../../net/rules.ts";
import { routeSpec } from "../../../net/specs.ts";
import type { Request } from "../../spec/types.ts";
import type { SbrConfig } from "./config.ts";
import { isMarked } from "./own.ts";
import type { State } from "./plan.ts";
import { isAdvertised } from "./routes.ts";

/** @throws FaultError not-found, exists */
export const readState = (ns: Netns, r: Request<SbrConfig>): State => {
  const index = linkIndex(ns, r.ifname);
  const rules = listRules(ns);
  const there = rules.find((rule) => isMarked(r, rule));
  if (there)
    throw new FaultError({
      kind: "exists",
      what: `source routing of ${r.ifname} in container ${r.containerId}`,
      why: `a rule of it leads to table ${there.table}: DEL comes before another ADD`,
      fix: `podwire cni del ${r.network} --container-id ${r.containerId} --ifname ${r.ifname}`,
    });
  if (r.config.table !== undefined) return { used: new Set(), routes: [] };
  const routes = listRoutes(ns);
  return {
    used: new Set([...rules.map((x) => x.table), ...routes.map((x) => x.table)]),
    routes: routesOf(routes, index, r.ifname),
  };
};

/** The link's routes in table main; not those that it shares with another link. */
export const routesOf = (all: readonly Route[], index: number, link: string): readonly RouteSpec[] =>
  all
    .filter((x) => x.table === routeTables.main && (x.link === index || x.nexthops?.every((h) => h.link === index)))
    .map((x) => routeSpec(x, () => link))
    .filter((x) => x !== undefined)
    .filter((x) => !isAdvertised(x));
