/** Who rules this host's packets, and what each of them is to be told. */
import { type Cidr, cidrFamily, networkOf } from "../../base/cidr.ts";
import { FaultError } from "../../base/fault.ts";
import { isLinkLocal6, isLoopback } from "../../base/ip.ts";
import { routeTables } from "../../kernel/codec/route/route.ts";
import type { Asked } from "../asked.ts";
import type { Host } from "../host.ts";
import { cardsOf } from "../identity.ts";
import { portText, rowsFor } from "../ports/rows-for.ts";
import type { Planned } from "./change.ts";
import type { ManagerName } from "./manager.ts";
import { managers } from "./managers/registry.ts";
import { type Opening, openingsOf, type Sources, unopened } from "./openings.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Ruler {
  readonly manager: ManagerName;
  /** By what it was recognised. */
  readonly because: string;
}

/** They keep their rules in iptables' tables as well, and put them back: what is there is theirs to change. */
const keepers: readonly ManagerName[] = ["firewalld", "ufw"];

/** Who can drop a packet of this host: an accept of one does not overrule a drop of another. */
export const rulersOf = (around: Surroundings): Ruler[] => {
  const all = managers.flatMap(({ name, rules }) => {
    const because = rules(around);
    return because === undefined ? [] : [{ manager: name, because }];
  });
  const kept = all.some((r) => keepers.includes(r.manager));
  return all.filter((r) => !(kept && r.manager.startsWith("iptables")));
};

const isDefault = ({ dst, table }: Host["routes"][number]): boolean => dst.prefix === 0 && table === routeTables.main;

/** Networks of the node's own cards, and of links by which it reaches the world: there the other nodes most likely are. */
const neighboursOf = (host: Host): Cidr[] => {
  const ways = host.routes
    .filter(isDefault)
    .flatMap(({ link, nexthops }) => [link, ...(nexthops ?? []).map((n) => n.link)]);
  const near = new Set([...cardsOf(host).map(({ index }) => index), ...ways]);
  return host.addresses
    .filter(({ link, address }) => near.has(link) && !isLoopback(address.ip) && !isLinkLocal6(address.ip))
    .map(({ address }) => ({ ip: networkOf(address), prefix: address.prefix }));
};

export interface Openings {
  readonly openings: readonly Opening[];
  /** What a person has to know of them. */
  readonly notes: readonly string[];
}

export const openingsFor = (host: Host, asked: Asked, nodes: readonly Cidr[]): Openings => {
  const neighbours = neighboursOf(host);
  const families = ([4, 6] as const).filter((f) => [...neighbours, ...nodes].some((cidr) => cidrFamily(cidr) === f));
  const sources: Sources = {
    nodes,
    neighbours,
    pods: asked.podCidrs,
    families: families.length > 0 ? families : [4],
  };
  const rows = rowsFor(asked.roles, asked.networks);
  const open = rows.filter((row) => !row.from.includes("clients") && row.from.some((s) => s !== "self"));
  const wide = open.filter((row) => openingsOf([row], sources).some((o) => o.to === "node" && !o.from));
  return {
    openings: openingsOf(rows, sources),
    notes: [
      ...unopened(rows, sources).map((r) => `${portText(r)} stays closed: say with --from where the nodes are`),
      ...(wide.length > 0
        ? [`${wide.map(portText).join(", ")} opened for everybody, though nodes alone need it: --from CIDR narrows it`]
        : []),
    ],
  };
};

/** For the managers that rule, or for one that was named. @throws FaultError not-found */
export const plansFor = (
  openings: readonly Opening[],
  around: Surroundings,
  names: readonly ManagerName[],
): Planned[] =>
  names.map((name) => {
    const manager = managers.find((m) => m.name === name);
    if (!manager)
      throw new FaultError({
        kind: "not-found",
        what: `firewall manager ${name}`,
        why: "podwire knows none of that name",
      });
    return { manager: name, ...manager.plan(openings, around) };
  });
