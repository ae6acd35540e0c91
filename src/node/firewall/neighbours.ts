/** Where the other nodes most likely are, when nobody says: networks of the node's own cards, and by which it reaches the world. */
import { type Cidr, networkOf } from "../../base/cidr.ts";
import { isLinkLocal6, isLoopback } from "../../base/ip.ts";
import { routeTables } from "../../kernel/codec/route/route.ts";
import type { Host } from "../host.ts";
import { cardsOf } from "../identity.ts";

const isDefault = ({ dst, table }: Host["routes"][number]): boolean => dst.prefix === 0 && table === routeTables.main;

/** Indexes of links that a default route leaves by. */
export const defaultLinks = (host: Pick<Host, "routes">): number[] =>
  host.routes
    .filter(isDefault)
    .flatMap(({ link, nexthops }) => [link, ...(nexthops ?? []).map((n) => n.link)])
    .filter((link) => link !== undefined);

export const neighboursOf = (host: Host): Cidr[] => {
  const near = new Set([...cardsOf(host).map(({ index }) => index), ...defaultLinks(host)]);
  return host.addresses
    .filter(({ link, address }) => near.has(link) && !isLoopback(address.ip) && !isLinkLocal6(address.ip))
    .map(({ address }) => ({ ip: networkOf(address), prefix: address.prefix }));
};
