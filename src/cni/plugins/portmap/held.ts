/** What an attachment has in the table: an element for each port, and one for each of its addresses. */
import { type Cidr, cidrFamily } from "../../../base/cidr.ts";
import { type Family, family, ipBytes } from "../../../base/ip.ts";
import { ipKey, portKey, protocolKey } from "../../../net/nft/keys.ts";
import type { Fields } from "../../../net/nft/types.ts";
import type { Held, Place } from "../../filter/held.ts";
import { commentOf, type Owner } from "../../mark.ts";
import { firstAddress } from "../../prev-result.ts";
import type { PortMapping, PortmapConfig } from "./parse.ts";
import { everybody, keep, mapFor, pods4, pods6, within } from "./table.ts";

const families = [4, 6] as const;

/** The families of a mapping: its host address's, or both. */
const isIn = (m: PortMapping, f: Family): boolean => m.hostIp === undefined || family(m.hostIp) === f;

const placeOf = (m: PortMapping, f: Family): Place => {
  const { set, at } = mapFor(f, m.hostIp);
  const port: Fields = [protocolKey(m.protocol), portKey(m.hostPort)];
  return { set, key: at === undefined ? port : [ipKey(at), ...port] };
};

const podPlace = (a: Cidr): Place => ({ set: cidrFamily(a) === 4 ? pods4 : pods6, key: [ipBytes(a.ip)] });

/** Where the attachment's elements stand, as far as the config and the result tell. */
export const placesOf = (c: PortmapConfig, addresses: readonly Cidr[]): Place[] => [
  ...c.mappings.flatMap((m) => families.filter((f) => isIn(m, f)).map((f) => placeOf(m, f))),
  ...addresses.map(podPlace),
];

/** The pod's address in each family that a mapping needs. */
export const targetsOf = (c: PortmapConfig, addresses: readonly Cidr[]): Cidr[] =>
  families.flatMap((f) => {
    const a = firstAddress(addresses, f);
    return a && c.mappings.some((m) => isIn(m, f)) ? [a] : [];
  });

/** A mapping of all addresses and one of 0.0.0.0 are the same of IPv4. */
const once = (held: readonly Held[]): Held[] => [
  ...new Map(held.map((h) => [`${h.set.name} ${h.element.key.join("|")}`, h] as const)).values(),
];

export const heldBy = (owner: Owner, c: PortmapConfig, addresses: readonly Cidr[]): Held[] => {
  const comment = commentOf(owner);
  return targetsOf(c, addresses).flatMap((a) => {
    const f = cidrFamily(a);
    const ports = c.mappings
      .filter((m) => isIn(m, f))
      .map((m): Held => {
        const { set, key } = placeOf(m, f);
        return { set, element: { key, data: [ipBytes(a.ip), portKey(m.containerPort)], comment } };
      });
    const { set, key } = podPlace(a);
    const chain = c.masqAll ? everybody : c.snat ? within(a) : keep;
    return [...once(ports), { set, element: { key, data: { verdict: "goto", chain }, comment } }];
  });
};
