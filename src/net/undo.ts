/** What stands now and is about to be overwritten, as the steps that bring it back. Read before the change. */
import { IFF } from "../kernel/codec/route/link.ts";
import { type AddressSpec, listAddresses } from "./addresses.ts";
import type { Netns } from "./kernel.ts";
import { findLinkByIndex, type LinkChange, needLink, type PortChange } from "./links.ts";
import { findNeighbour, type NeighbourSpec } from "./neighbours.ts";
import { listRoutes, priorityOf, type RouteSpec, tableOf } from "./routes.ts";
import { addressSpec, neighbourSpec, routeSpec } from "./specs.ts";

/** The values of a link that `set` overwrites. */
export const linkBefore = (ns: Netns, name: string, set: LinkChange): LinkChange => {
  const was = needLink(ns, name);
  const master = was.master === undefined ? undefined : findLinkByIndex(ns, was.master)?.name;
  return {
    ...(set.up === undefined ? {} : { up: was.up }),
    ...(set.mtu === undefined ? {} : { mtu: was.mtu }),
    ...(set.mac === undefined || !was.mac ? {} : { mac: was.mac }),
    ...(set.promisc === undefined ? {} : { promisc: (was.flags & IFF.promisc) !== 0 }),
    ...(set.allmulti === undefined ? {} : { allmulti: (was.flags & IFF.allmulti) !== 0 }),
    ...(set.txqlen === undefined || was.txqlen === undefined ? {} : { txqlen: was.txqlen }),
    ...(set.alias === undefined ? {} : { alias: was.alias ?? "" }),
    ...(set.group === undefined ? {} : { group: was.group }),
    ...(set.master === undefined ? {} : { master: master ?? null }),
    ...(set.name === undefined ? {} : { name }),
  };
};

/** The flags of a bridge port that `set` overwrites; the kernel's defaults when it is no port. */
export const portBefore = (ns: Netns, name: string, set: PortChange): PortChange => {
  const port = needLink(ns, name).info?.port;
  return {
    ...(set.hairpin === undefined ? {} : { hairpin: port?.hairpin === 1 }),
    ...(set.isolated === undefined ? {} : { isolated: port?.isolated === 1 }),
    ...(set.learning === undefined ? {} : { learning: port?.learning !== 0 }),
  };
};

/** The address as it is, with its flags and scope, since a spec may say less. */
export const addressBefore = (ns: Netns, spec: AddressSpec): AddressSpec | undefined => {
  const { index } = needLink(ns, spec.link);
  const found = listAddresses(ns, index).find(
    ({ address }) => address.ip === spec.address.ip && address.prefix === (spec.peer ?? spec.address).prefix,
  );
  return found && addressSpec(found, () => spec.link);
};

/** The routes that hold the place of `r`: same destination, table and metric. */
export const routesBefore = (ns: Netns, r: RouteSpec): RouteSpec[] =>
  listRoutes(ns, tableOf(r))
    .filter((x) => x.dst.ip === r.dst.ip && x.dst.prefix === r.dst.prefix && (x.priority ?? 0) === priorityOf(r))
    .map((x) => routeSpec(x, (index) => findLinkByIndex(ns, index)?.name))
    .filter((x) => x !== undefined);

export const neighbourBefore = (ns: Netns, n: NeighbourSpec): NeighbourSpec | undefined => {
  const found = findNeighbour(ns, n);
  return found && neighbourSpec(found, n.link);
};
