/**
 * What a link loses by moving to another namespace, by going down, or by joining and leaving a VRF, which takes it down and
 * up: its addresses and the routes by it. Read before; given back afterwards.
 */
import { routeProtocols } from "../kernel/codec/route/route.ts";
import { type AddressSpec, listAddresses } from "./addresses.ts";
import type { Netns } from "./kernel.ts";
import { findLink, findLinkByIndex, type Link, needLink } from "./links.ts";
import type { Step } from "./plan/step.ts";
import { listRoutes, type Route, type RouteSpec } from "./routes.ts";
import { addressSpec, routeSpec } from "./specs.ts";

/** Values that outlive a process as JSON. */
export interface Losses {
  readonly addresses: readonly AddressSpec[];
  /** In an order in which each finds its gateway. */
  readonly routes: readonly RouteSpec[];
}

/** Made by the kernel: from a router's advertisement, and link-local (IFAPROT_KERNEL_RA, IFAPROT_KERNEL_LL). */
const ofKernel: readonly (number | undefined)[] = [2, 3];
const uses = (r: Route, index: number): boolean =>
  r.link === index || (r.nexthops?.some((h) => h.link === index) ?? false);

/** Without what the kernel makes by itself when the link comes up. */
export const lossesOf = (ns: Netns, link: Link): Losses => ({
  addresses: listAddresses(ns, link.index)
    .filter((a) => !ofKernel.includes(a.protocol))
    .map((a) => addressSpec(a, () => link.name))
    .filter((a) => a !== undefined),
  routes: listRoutes(ns)
    .filter((r) => uses(r, link.index))
    .filter((r) => r.protocol !== routeProtocols.kernel && r.protocol !== routeProtocols.ra)
    .map((r) => routeSpec(r, (index) => (index === link.index ? link.name : findLinkByIndex(ns, index)?.name)))
    .filter((r) => r !== undefined)
    .sort((a, b) => gateways(a) - gateways(b)),
});

const gateways = (r: RouteSpec): number => (r.gw || r.nexthops ? 1 : 0);

/** For a link that is up. What is there again by itself will do. */
export const regain = (into: string, { addresses, routes }: Losses): Step[] => [
  ...addresses.map((address): Step => ({ do: "address.add", in: into, address, orExists: true })),
  ...routes.map(
    (route): Step =>
      // One of several next hops has gone, and the rest of the route is still there.
      route.nexthops
        ? { do: "route.replace", in: into, route }
        : { do: "route.append", in: into, route, orExists: true },
  ),
];

const isVrf = (link: Link | undefined): boolean => link?.kind === "vrf";

/** True for a link that is to go down, and for a change of master by which a VRF is joined or left. */
export const bringsDown = (ns: Netns, { name, set }: Step<"link.set">): boolean => {
  if (set.up === false) return needLink(ns, name).up;
  if (set.master === undefined) return false;
  const { master } = needLink(ns, name);
  return (
    (set.master !== null && isVrf(findLink(ns, set.master))) ||
    (master !== undefined && isVrf(findLinkByIndex(ns, master)))
  );
};
