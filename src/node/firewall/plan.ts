/** Who rules this host's packets, and what each of them is to be told. */
import { type Cidr, cidrFamily, cidrText } from "../../base/cidr.ts";
import { FaultError } from "../../base/fault.ts";
import type { Asked } from "../asked.ts";
import type { Host } from "../host.ts";
import { portText, rowsFor } from "../ports/rows-for.ts";
import type { Planned } from "./change.ts";
import type { ManagerName } from "./manager.ts";
import { managers } from "./managers/registry.ts";
import { neighboursOf } from "./neighbours.ts";
import { type Opening, openingsOf, type Sources, unopened } from "./openings.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Ruler {
  readonly manager: ManagerName;
  /** By what it was recognised. */
  readonly because: string;
}

/** They keep their rules in iptables' tables, and put them back: what is there is theirs to change. */
const keepsIptables = ({ manager }: Ruler, { chains, older }: Surroundings): boolean =>
  manager === "ufw" || (manager === "firewalld" && [...chains, ...older].some((c) => c.name === "INPUT_ZONES"));

/** Who can drop a packet of this host: an accept of one does not overrule a drop of another. */
export const rulersOf = (around: Surroundings): Ruler[] => {
  const all = managers.flatMap(({ name, rules }) => {
    const because = rules(around);
    return because === undefined ? [] : [{ manager: name, because }];
  });
  const kept = all.some((r) => keepsIptables(r, around));
  return all.filter((r) => !(kept && r.manager.startsWith("iptables")));
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
  const left = asked.podCidrs.filter((cidr) => !sources.families.includes(cidrFamily(cidr)));
  const wide = open.filter((row) => openingsOf([row], sources).some((o) => o.to === "node" && !o.from));
  return {
    openings: openingsOf(rows, sources),
    notes: [
      ...unopened(rows, sources).map((r) => `${portText(r)} stays closed: say with --from where the nodes are`),
      ...(wide.length > 0
        ? [`${wide.map(portText).join(", ")} opened for everybody, though nodes alone need it: --from CIDR narrows it`]
        : []),
      ...left.map(
        (cidr) =>
          `no rule for pods in ${cidrText(cidr)}: this host has no address of IPv${cidrFamily(cidr)} (--pod-cidr)`,
      ),
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
