/** The link that a pod's link hangs on: found, and refused when ADD cannot go on from it. */
import { cidrFamily } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { badConfig } from "../../../base/json-read.ts";
import { IFF } from "../../../kernel/codec/route/link.ts";
import { routeTables } from "../../../kernel/codec/route/route.ts";
import type { Kernel, Netns } from "../../../net/kernel.ts";
import { findLink, findLinkByIndex, type Link } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import { listRoutes } from "../../../net/routes.ts";
import type { Request } from "../../spec/types.ts";
import type { Below, ChildConfig } from "./config.ts";

type R = Request<ChildConfig>;

export interface Master extends Link {
  /** Path of its namespace; empty for this host's. */
  readonly netns: string;
}

/** Undefined for a kind that hangs on nothing. @throws FaultError not-found, differs, bad-config */
export const needMaster = (kernel: Kernel, r: R): Master | undefined => {
  const { below } = r.config;
  if (!below) return undefined;
  const netns = masterNetns(below, r.netns);
  const ns = kernel.open(netns);
  const name = below.master ?? (r.config.chained ? masterOf(r) : undefined) ?? defaultLink(ns, netns);
  const link = findLink(ns, name);
  if (!link) throw noMaster(name, netns);
  const master = { ...link, netns };
  checkMaster(master, r.config);
  return master;
};

/** Path of the namespace that the master is in. */
export const masterNetns = (below: Below, netns: string): string => (below.inContainer ? netns : "");

/** A plugin before a chained one has made its master. */
const masterOf = ({ prevResult }: R): string | undefined => {
  if (!prevResult) return undefined;
  const [only, ...more] = prevResult.interfaces;
  if (only && more.length === 0) return only.name;
  const names = prevResult.interfaces.map((i) => i.name).join(", ") || "none";
  throw badConfig("master", `expected an interface, or one in prevResult that can be it, got ${names}`);
};

/** Name of the link that the default route leads to. @throws FaultError not-found */
const defaultLink = (ns: Netns, netns: string): string => {
  const routes = listRoutes(ns, routeTables.main)
    .map((r) => ({ ...r, link: r.link ?? r.nexthops?.[0]?.link }))
    .filter((r) => r.dst.prefix === 0 && r.link !== undefined)
    .sort((a, b) => cidrFamily(a.dst) - cidrFamily(b.dst) || (a.priority ?? 0) - (b.priority ?? 0));
  const index = routes[0]?.link;
  const found = index === undefined ? undefined : findLinkByIndex(ns, index);
  if (found) return found.name;
  throw new FaultError({
    kind: "not-found",
    what: `default route ${placeOf(netns)}`,
    why: 'there is none, and without "master" its link is the master',
    fix: 'name the link as "master"; ip link',
  });
};

const placeOf = (netns: string): string => (netns === "" ? "on this host" : `in ${netns}`);

const noMaster = (name: string, netns: string): FaultError =>
  new FaultError({
    kind: "not-found",
    what: `master ${name}`,
    why: `there is no such link ${placeOf(netns)}`,
    fix: "ip link",
  });

/** ipvlan alone comes up on a master that is down. */
const needsUp = (c: ChildConfig): boolean => c.info.kind !== "ipvlan";

const checkMaster = (m: Master, c: ChildConfig): void => {
  const { kind } = c.info;
  if (m.flags & IFF.loopback) throw badConfig("master", `${m.name} is a loopback interface, which carries no ${kind}`);
  if (c.mtu !== undefined && c.mtu > m.mtu)
    throw badConfig("mtu", `expected at most ${m.mtu} bytes, which its master ${m.name} has, got ${c.mtu}`);
  if (needsUp(c) && !m.up) throw isDown(m);
};

export const isDown = (m: Master): FaultError =>
  new FaultError({
    kind: "differs",
    what: `master ${m.name}`,
    seen: "down",
    want: "up",
    fix: render({ do: "link.set", in: m.netns, name: m.name, set: { up: true } }),
  });

/** Indexes of the links that a child of this master can name as the one below it: of a chain of children the lowest. */
export const lowerIndexes = (m: Link, { info }: ChildConfig): readonly (number | undefined)[] =>
  m.kind === info.kind ? [m.index, m.peer] : [m.index];
