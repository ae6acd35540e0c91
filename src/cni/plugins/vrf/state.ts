/** What is in the pod before ADD, read once, and refused when ADD cannot go on from it. */
import { FaultError } from "../../../base/fault.ts";
import type { Netns } from "../../../net/kernel.ts";
import { findLinkByIndex, type Link, listLinks, needLink } from "../../../net/links.ts";
import { type Losses, lossesOf } from "../../../net/losses.ts";
import { render } from "../../../net/plan/render.ts";
import { listRoutes } from "../../../net/routes.ts";
import { listRules } from "../../../net/rules.ts";
import type { VrfConfig } from "./parse.ts";

export interface State {
  /** The VRF, when it is there. */
  readonly there?: Link;
  /** Its table: what it has, what the config says, or a free one. */
  readonly table: number;
  /** What joining takes from the interface. */
  readonly losses: Losses;
  readonly up: boolean;
}

/** @throws FaultError exists, differs, not-found */
export const readState = (ns: Netns, ifname: string, c: VrfConfig): State => {
  const own = needLink(ns, ifname);
  refuseMaster(ns, own);
  const links = listLinks(ns);
  const there = links.find((l) => l.name === c.vrf);
  if (there) refuseOther(ns, there);
  const has = there && tableOf(there);
  if (has !== undefined && c.table !== undefined && has !== c.table)
    throw new FaultError({
      kind: "differs",
      what: `table of VRF ${c.vrf} in ${ns.path}`,
      seen: String(has),
      want: String(c.table),
      fix: `set "table": ${has}, or choose another name as "vrfname"`,
    });
  const table = has ?? c.table ?? freeTable(ns, links);
  return { ...(there && { there }), table, losses: lossesOf(ns, own), up: own.up };
};

export const tableOf = (vrf: Link): number | undefined =>
  vrf.info && "data" in vrf.info && vrf.kind === "vrf" ? (vrf.info.data as { table?: number }).table : undefined;

/** @throws FaultError exists when the link of that name is no VRF */
export const refuseOther = (ns: Netns, link: Link): void => {
  if (link.kind === "vrf") return;
  throw new FaultError({
    kind: "exists",
    what: `VRF ${link.name} in ${ns.path}`,
    why: `a link of that name is there and is ${link.kind ? `a ${link.kind}` : "a plain device"}`,
    fix: `choose another name as "vrfname"`,
  });
};

const refuseMaster = (ns: Netns, own: Link): void => {
  if (own.master === undefined) return;
  const master = findLinkByIndex(ns, own.master);
  throw new FaultError({
    kind: "exists",
    what: `master of ${own.name} in ${ns.path}`,
    why: `it belongs to ${master?.name ?? `link ${own.master}`} already, and an interface has one master`,
    fix: render({ do: "link.set", in: ns.path, name: own.name, set: { master: null } }),
  });
};

/** The first that no VRF has, no route is in and no rule leads to. */
const freeTable = (ns: Netns, links: readonly Link[]): number => {
  const taken = new Set<number | undefined>([
    ...links.map(tableOf),
    ...listRoutes(ns).map((r) => r.table),
    ...listRules(ns).map((r) => r.table),
  ]);
  let table = 1;
  while (taken.has(table)) table++;
  return table;
};
