/**
 * What hangs on a device, as the steps that bring it back. Read before it is taken away. A kind that we do not know gets
 * the bytes back that the kernel told, which qdiscs take; where a filter does not, taking back says so.
 */
import { clsactHandle, type QdiscInfo, tcPlaces } from "../../kernel/codec/route/tc.ts";
import type { Action } from "../../kernel/codec/tc-kinds/actions.ts";
import type { Netns } from "../kernel.ts";
import { findLinkByIndex, linkIndex } from "../links.ts";
import type { Step } from "../plan/step.ts";
import { type Class, listClasses } from "./classes.ts";
import { type Filter, type FilterPlace, type FilterSpec, listFilters, redirectOf } from "./filters.ts";
import { majorOf } from "./handles.ts";
import { listQdiscs, type Qdisc, type QdiscPlace, type QdiscSpec } from "./qdiscs.ts";

const hasOptions = ({ info }: Class | Filter): boolean => "data" in info || "rawData" in info;

/** What the kernel tells of itself as what has to be said to it. */
const asAsked = (info: QdiscInfo): QdiscInfo => {
  if (!("data" in info) || !info.data) return info;
  if (info.kind === "fq_codel") {
    const { target, interval, ceThreshold } = info.data as Times;
    // It keeps these in units of 1024 ns, and tells the microseconds in which such a number begins.
    const up = (name: keyof Times, us: number | undefined): Times => (us === undefined ? {} : { [name]: us + 1 });
    const times = { ...up("target", target), ...up("interval", interval), ...up("ceThreshold", ceThreshold) };
    return { kind: "fq_codel", data: { ...info.data, ...times } };
  }
  if (info.kind !== "htb" || !("init" in info.data) || !info.data.init) return info;
  // It wants the first half of its version, and tells both.
  const init = { ...info.data.init, version: info.data.init.version >>> 16, directPackets: 0 };
  return { kind: "htb", data: { ...info.data, init } };
};
type Times = { readonly [K in "target" | "interval" | "ceThreshold"]?: number };

const spec = (link: string, q: Qdisc): QdiscSpec => ({
  link,
  parent: q.parent,
  ...(q.handle !== 0 && { handle: q.handle }),
  info: asAsked(q.info),
});

export const qdiscAt = (ns: Netns, q: QdiscPlace): QdiscSpec | undefined => {
  const link = linkIndex(ns, q.link);
  const found = listQdiscs(ns).find((x) => x.link === link && isAt(x, q) && x.handle !== 0);
  return found && spec(q.link, found);
};

const isAt = (x: Qdisc, q: QdiscPlace): boolean =>
  x.parent === q.parent && (q.handle === undefined || x.handle === q.handle);

/** The qdisc with its classes, its filters and the qdiscs below it, what hangs after what it hangs on. */
export const treeBefore = (ns: Netns, q: QdiscPlace, into: string): Step[] => {
  const link = linkIndex(ns, q.link);
  const all = listQdiscs(ns).filter((x) => x.link === link && x.handle !== 0);
  const top = all.find((x) => isAt(x, q));
  return top ? tree(ns, q.link, link, top, all, into) : [];
};

const tree = (ns: Netns, name: string, link: number, q: Qdisc, all: readonly Qdisc[], into: string): Step[] => {
  const classes = listClasses(ns, link, q.handle).filter(hasOptions);
  const hooks = q.handle === clsactHandle ? [tcPlaces.ingress, tcPlaces.egress] : [q.handle];
  // An `ingress` qdisc has one hook, which it shows at both.
  const places = q.info.kind === "ingress" ? hooks.slice(0, 1) : hooks;
  const below = all.filter((x) => x.parent !== tcPlaces.root && majorOf(x.parent) === majorOf(q.handle) && x !== q);
  return [
    { do: "qdisc.add", in: into, qdisc: spec(name, q) },
    ...downwards(classes).map(
      ({ classid, parent, info }): Step => ({
        do: "class.add",
        in: into,
        class: { link: name, classid, parent, info },
      }),
    ),
    ...below.flatMap((x) => tree(ns, name, link, x, all, into)),
    ...places.flatMap((parent) => filtersBefore(ns, { link: name, parent }, into)),
  ];
};

/** Each class behind the one that it is in. */
const downwards = (classes: readonly Class[]): Class[] => {
  const depth = (c: Class): number => {
    const above = classes.find((x) => x.classid === c.parent);
    return above && above !== c ? 1 + depth(above) : 0;
  };
  return classes.toSorted((a, b) => depth(a) - depth(b));
};

/** The class with those in it, with the queues and filters that hang on them. */
export const classBefore = (ns: Netns, c: { link: string; classid: number }, into: string): Step[] => {
  const link = linkIndex(ns, c.link);
  const found = listClasses(ns, link).find((x) => x.classid === c.classid);
  if (!found) return [];
  const all = listQdiscs(ns).filter((x) => x.link === link && x.handle !== 0);
  const below = all.filter((x) => x.parent === c.classid);
  const { classid, parent, info } = found;
  return [
    { do: "class.add", in: into, class: { link: c.link, classid, parent, info } },
    ...below.flatMap((x) => tree(ns, c.link, link, x, all, into)),
  ];
};

type Wanted = Pick<FilterPlace, "link" | "parent"> & Partial<FilterPlace>;

/** The filters at a place; those of one number, or one of them, when that is said. */
export const filtersBefore = (ns: Netns, f: Wanted, into: string): Step[] =>
  listFilters(ns, linkIndex(ns, f.link), f.parent)
    .filter((x) => x.handle !== 0 && hasOptions(x) && !isRootTable(x))
    .filter(
      (x) => (f.prio === undefined || x.prio === f.prio) && (f.protocol === undefined || x.protocol === f.protocol),
    )
    .filter((x) => !f.handle || x.handle === f.handle)
    .map((x): Step => ({ do: "filter.add", in: into, filter: filterSpec(ns, f.link, f.parent, x) }));

/** The table that the `u32` filters of a number have from the first: numbered from 800, and no rule itself. */
const isRootTable = ({ info, handle }: Filter): boolean =>
  info.kind === "u32" && (handle & 0xfffff) === 0 && handle >>> 20 >= ROOT_TABLES;
const ROOT_TABLES = 0x800;
/** TCA_CLS_FLAGS_SKIP_HW and SKIP_SW: the others are told, and not to be asked for. */
const ASKABLE = 3;

const filterSpec = (ns: Netns, link: string, parent: number, f: Filter): FilterSpec => {
  const index = redirectOf(f);
  const to = index === undefined ? undefined : findLinkByIndex(ns, index)?.name;
  const { act, counters: _, flags = 0, hash, ...data } = "data" in f.info ? ((f.info.data ?? {}) as Told) : {};
  const table = hash !== undefined && hash >>> 20 < ROOT_TABLES ? hash : undefined;
  const kept = {
    ...(flags & ASKABLE && { flags: flags & ASKABLE }),
    ...(table !== undefined && { hash: table }),
    ...(to === undefined && act && { act: act.map(asked) }),
  };
  const info = ("data" in f.info ? { kind: f.info.kind, data: { ...data, ...kept } } : f.info) as FilterSpec["info"];
  const { protocol, prio, chain } = f;
  // The number of a rule in its table; the table may get another one.
  const handle =
    f.info.kind === "u32" && data.divisor === undefined && table === undefined ? f.handle & 0xfff : f.handle;
  return {
    link,
    parent,
    protocol,
    prio,
    handle,
    info,
    ...(chain && { chain }),
    ...(to !== undefined && { redirect: to }),
  };
};
interface Told {
  readonly act?: readonly Action[];
  readonly counters?: Uint8Array;
  readonly flags?: number;
  readonly hash?: number;
  readonly divisor?: number;
}

/** An action as it is asked for: what the kernel counted of it is left out. */
const asked = ({ unknown: _, ...action }: Action): Action => action as Action;
