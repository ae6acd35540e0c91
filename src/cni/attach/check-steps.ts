/** CHECK by plan: what ADD's steps make has to be there, what they take away not. The step is what mends it. */
import { cidrText, sameCidr } from "../../base/cidr.ts";
import { sysctlName } from "../../base/sysctl-name.ts";
import { listAddresses } from "../../net/addresses.ts";
import type { Netns } from "../../net/kernel.ts";
import { findLink } from "../../net/links.ts";
import { render } from "../../net/plan/render.ts";
import type { Step } from "../../net/plan/step.ts";
import { listRoutes, type Route, type RouteSpec, tableOf } from "../../net/routes.ts";
import type { Findings } from "../findings.ts";

type Checked = Step<"address.add" | "route.add" | "route.append" | "route.del" | "sysctl.set">;

/**
 * For the addresses and routes of one link, and sysctls; all in one namespace. `tables` are where else a route may be that a
 * later plugin has moved.
 */
export const checkSteps = (
  ns: Netns,
  link: string,
  steps: readonly Checked[],
  found: Findings,
  tables: ReadonlySet<number> = new Set(),
): void => {
  const about = (kind: string): boolean => steps.some((s) => s.do.startsWith(kind));
  const index = about("address") || about("route") ? findLink(ns, link)?.index : undefined;
  const addresses = index !== undefined && about("address") ? listAddresses(ns, index) : [];
  const routes = about("route") ? listRoutes(ns) : [];
  const isThere = (r: RouteSpec): boolean =>
    routes.some((x) => (x.table === tableOf(r) || tables.has(x.table)) && matches(x, r, index));
  for (const step of steps)
    if (step.do === "sysctl.set") {
      const seen = ns.readSysctl(step.name);
      if (seen !== step.value) found.differs(sysctlName(step.name), seen ?? "missing", step.value, render(step));
    } else if (step.do === "address.add") {
      const { address } = step.address;
      if (!addresses.some((a) => sameCidr(a.address, address)))
        found.gone(`address ${cidrText(address)} on ${link}`, render(step));
    } else if (step.do === "route.add" || step.do === "route.append") {
      if (!isThere(step.route)) found.gone(routeWords(step.route), render(step));
    } else if (isThere(step.route)) found.differs(routeWords(step.route), "there", "gone", render(step));
};

/** What a route is told by, and what it says where the spec says it. */
const matches = (x: Route, r: RouteSpec, index: number | undefined): boolean =>
  sameCidr(x.dst, r.dst) &&
  (r.protocol === undefined || x.protocol === r.protocol) &&
  // Of IPv6 routes by several gateways the kernel tells as one, it tells the source of the first alone.
  (x.nexthops?.some((h) => h.link === index && h.gw === r.gw) ??
    (x.link === index && x.gw === r.gw && (r.src === undefined || x.src === r.src)));

const routeWords = ({ dst, gw, link }: RouteSpec): string =>
  `route ${cidrText(dst)}${gw ? ` via ${gw}` : ""} dev ${link}`;
