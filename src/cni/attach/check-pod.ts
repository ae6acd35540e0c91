/** CHECK of what every interface of a pod has: its addresses and routes, and which part of the result is about it. */
import { cidrFamily, cidrText, sameCidr } from "../../base/cidr.ts";
import { FaultError } from "../../base/fault.ts";
import { routeTables } from "../../kernel/codec/route/route.ts";
import { listAddresses } from "../../net/addresses.ts";
import type { Kernel } from "../../net/kernel.ts";
import type { Link } from "../../net/links.ts";
import { render } from "../../net/plan/render.ts";
import { listRoutes, podwireProtocol, type Route } from "../../net/routes.ts";
import type { Findings } from "../findings.ts";
import type { Request, Result, ResultInterface, ResultRoute } from "../spec/types.ts";
import { atLeast } from "../spec/version.ts";
import { effectiveRoutes } from "./layer3.ts";
import type { PodLink } from "./plan-pod.ts";
import { sourceTables } from "./source-tables.ts";

/** An interface of a result, to which later plugins may have added theirs. @throws FaultError bad-config */
export const interfaceThat = (prev: Result, what: string, test: (x: ResultInterface) => boolean): ResultInterface => {
  const found = prev.interfaces.find(test);
  if (found) return found;
  throw new FaultError({ kind: "bad-config", at: "prevResult.interfaces", why: `has no ${what}` });
};

/** The pod's interface in a result. @throws FaultError bad-config */
export const podInterface = (prev: Result, pod: PodLink): ResultInterface =>
  interfaceThat(prev, `${pod.ifname} in ${pod.netns}`, (x) => x.name === pod.ifname && x.sandbox === pod.netns);

/** The part of a result that is about one of its interfaces. */
export const partOf = (prev: Result, own: ResultInterface): Result => {
  const place = prev.interfaces.indexOf(own);
  return { ...prev, ips: prev.ips.filter((ip) => ip.interface === undefined || ip.interface === place) };
};

/** The pod's link, and the version that the result was told in. */
type Asked = PodLink & Pick<Request<unknown>, "cniVersion">;

/** Every address and route of `own` on the pod's link. */
export const checkPod = (kernel: Kernel, pod: Asked, own: Result, link: Link, found: Findings): void => {
  checkAddresses(kernel, pod, own, link, found);
  checkRoutes(kernel, pod, own, link, found);
};

export const checkAddresses = (kernel: Kernel, pod: PodLink, own: Result, link: Link, found: Findings): void => {
  const ns = kernel.open(pod.netns);
  const there = own.ips.length > 0 ? listAddresses(ns, link.index).map((a) => a.address) : [];
  for (const { address } of own.ips)
    if (!there.some((a) => sameCidr(a, address)))
      found.gone(
        `address ${cidrText(address)} on ${pod.ifname}`,
        render({ do: "address.add", in: pod.netns, address: { link: pod.ifname, address } }),
      );
};

export const checkRoutes = (kernel: Kernel, pod: Asked, own: Result, link: Link, found: Findings): void => {
  const ns = kernel.open(pod.netns);
  const wanted = effectiveRoutes(own);
  // A VRF that the interface was put into later keeps its routes in a table of its own.
  const main = link.info?.vrfPort?.table ?? routeTables.main;
  const routes = wanted.length > 0 ? listRoutes(ns) : [];
  const hops = (x: Route) => [{ gw: x.gw, link: x.link }, ...(x.nexthops ?? [])].filter((h) => h.link === link.index);
  // Results before 1.1.0 have neither table nor scope: where the route went, and whether by a gateway, they cannot say.
  const vague = !atLeast(pod.cniVersion, "1.1.0");
  const missing = wanted.filter((w) => {
    const table = inMain(w) ? main : w.table;
    const filled = vague && !own.routes.some((r) => sameCidr(r.dst, w.dst) && r.gw === w.gw);
    return !routes.some(
      (x) =>
        sameCidr(x.dst, w.dst) &&
        (x.table === table || (vague && w.table === undefined)) &&
        (w.priority === undefined || (x.priority ?? 0) === w.priority || cidrFamily(w.dst) === 6) &&
        hops(x).some((h) => h.gw === w.gw || (filled && h.gw === undefined)),
    );
  });
  if (missing.length === 0) return;
  const tables = sourceTables(
    ns,
    own.ips.map((ip) => ip.address.ip),
  );
  const moved = routes.filter((x) => tables.has(x.table) && hops(x).length > 0);
  for (const w of missing) {
    // By which gateway it goes there is for the plugin to check that has moved it.
    if (inMain(w) && moved.some((x) => sameCidr(x.dst, w.dst))) continue;
    const beside = moved.find((x) => x.protocol === podwireProtocol && cidrFamily(x.dst) === cidrFamily(w.dst));
    const lost = inMain(w) ? { ...w, table: beside?.table ?? main } : w;
    found.gone(routeWords(lost, pod.ifname), routeFix(lost, pod));
  }
};

const inMain = ({ table }: ResultRoute): boolean => !table || table === routeTables.main;

/** As `ip route` prints it. */
const routeWords = ({ dst, gw, table }: ResultRoute, ifname: string): string => {
  const where = table && table !== routeTables.main ? ` table ${table}` : "";
  return `route ${dst.prefix === 0 ? "default" : cidrText(dst)}${gw ? ` via ${gw}` : ""} dev ${ifname}${where}`;
};

const routeFix = (route: ResultRoute, pod: PodLink): string =>
  render({ do: "route.add", in: pod.netns, route: { ...route, link: pod.ifname } });
