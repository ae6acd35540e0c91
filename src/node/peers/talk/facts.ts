/** What a node tells of itself to the one who coordinates: who it is, where it is tried, what its links take. */
import * as v from "valibot";
import { type Family, family, type Ip, isLinkLocal6, isLoopback, tryIp } from "../../../base/ip.ts";
import { routeTables } from "../../../kernel/codec/route/route.ts";
import type { Address } from "../../../net/addresses.ts";
import type { Host } from "../../host.ts";
import { identityOf } from "../../identity.ts";
import { type Role, roles } from "../../ports/row.ts";

/** Raised when the two could no more understand each other. */
export const talkVersion = 1;

const text = v.pipe(v.string(), v.maxLength(300));
const texts = v.pipe(v.array(text), v.maxLength(4096));
const ip = v.pipe(
  text,
  v.transform((word) => tryIp(word)),
  v.custom<Ip>((x) => x !== undefined, "an address"),
);
const ips = v.pipe(v.array(ip), v.maxLength(4096));

export const factsSchema = v.strictObject({
  talk: v.literal(talkVersion, "it is of another version: use the same podwire on all nodes"),
  version: text,
  node: text,
  roles: v.pipe(v.array(v.picklist(roles)), v.minLength(1)),
  /** Where it is to be tried: at most one address of each family, the main one first. */
  addresses: ips,
  identity: v.strictObject({
    hostname: text,
    machineId: v.exactOptional(text),
    productUuid: v.exactOptional(text),
    instanceId: v.exactOptional(text),
    sshHostKeys: texts,
    macs: v.pipe(v.array(v.strictObject({ link: text, mac: text })), v.maxLength(4096)),
    addresses: ips,
  }),
  links: v.pipe(v.array(v.strictObject({ name: text, mtu: v.number(), addresses: ips })), v.maxLength(4096)),
});
export type PeerFacts = v.InferOutput<typeof factsSchema>;

/** IFA_F_TEMPORARY, IFA_F_DEPRECATED, IFA_F_TENTATIVE: addresses that come and go. */
const passing = 0x01 | 0x20 | 0x40;
const lasting = ({ address: { ip: a }, flags, scope }: Address): boolean =>
  scope === 0 && (flags & passing) === 0 && !isLoopback(a) && !isLinkLocal6(a);

/** The address with which it would call: of the link of the default route, or the first that others could reach. */
const usualAddress = (host: Host): Address | undefined => {
  const all = host.addresses.filter(lasting);
  const leaves = host.routes
    .filter((r) => r.dst.prefix === 0 && r.table === routeTables.main && r.link !== undefined)
    .sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  return leaves.flatMap((r) => all.filter((a) => a.link === r.link))[0] ?? all[0];
};

/**
 * The main address, and one of the other family on the same link: the other addresses of a host may well be of bridges and tunnels,
 * that nobody else reaches. `wanted`: what the user says, or the address of the connection to the one who coordinates.
 */
export const placesOf = (host: Host, wanted?: Ip): Ip[] => {
  const asked =
    wanted === undefined || isLoopback(wanted) ? undefined : host.addresses.find((a) => a.address.ip === wanted);
  const main = asked ?? usualAddress(host);
  if (!main) return [];
  const other: Family = family(main.address.ip) === 4 ? 6 : 4;
  const second = host.addresses.find((a) => a.link === main.link && family(a.address.ip) === other && lasting(a));
  return [main.address.ip, ...(second ? [second.address.ip] : [])];
};

export interface FactsOptions {
  readonly roles: readonly Role[];
  readonly version: string;
  readonly wanted?: Ip;
}

export const factsOf = (host: Host, { roles: own, version, wanted }: FactsOptions): PeerFacts => {
  const { macs, addresses, sshHostKeys, ...identity } = identityOf(host);
  return {
    talk: talkVersion,
    version,
    node: host.name,
    roles: [...own],
    addresses: placesOf(host, wanted),
    identity: { ...identity, sshHostKeys: [...sshHostKeys], macs: [...macs], addresses: [...addresses] },
    links: host.links.map((link) => ({
      name: link.name,
      mtu: link.mtu,
      addresses: host.addresses.filter((a) => a.link === link.index).map((a) => a.address.ip),
    })),
  };
};
