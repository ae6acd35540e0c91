/** Routes as `ip -j route` prints them. */
import { FaultError } from "../../base/fault.ts";
import { AttrIndex } from "../../kernel/codec/attr-index.ts";
import type { Received } from "../../kernel/codec/received.ts";
import type { Netns } from "../../net/kernel.ts";
import { addressText, ipText } from "./address-words.ts";
import type { Fields } from "./fields.ts";
import type { LinkNamer } from "./link-namer.ts";
import { named, nameIn, routeTypes } from "./names.ts";
import { AF_INET, AF_INET6, dumpPayload, type FamilyChoice, familiesOf, familyName } from "./request.ts";
import { routeMetrics } from "./route-metrics.ts";
import type { NexthopRow, RouteRow } from "./route-row.ts";

const RTM_GETROUTE = 26;
/** Bytes of struct rtmsg. */
export const RTMSG = 12;
const RTM_F_CLONED = 0x200;
const [RTN_UNICAST, RTPROT_BOOT, MAIN] = [1, 3, 254];
/** RTA_*: see linux/rtnetlink.h. */
const T = {
  dst: 1,
  src: 2,
  iif: 3,
  oif: 4,
  gateway: 5,
  priority: 6,
  prefsrc: 7,
  metrics: 8,
  multipath: 9,
  flow: 11,
  cacheinfo: 12,
  table: 15,
  mark: 16,
  via: 18,
  newdst: 19,
  pref: 20,
  expires: 23,
  ttlPropagate: 26,
  nhId: 30,
} as const;

const flagNames: readonly (readonly [number, string])[] = [
  [1, "dead"],
  [4, "onlink"],
  [2, "pervasive"],
  [8, "offload"],
  [64, "trap"],
  [0x100, "notify"],
  [16, "linkdown"],
  [32, "unresolved"],
  [0x4000, "rt_offload"],
  [0x8000, "rt_trap"],
  [0x20000000, "rt_offload_failed"],
];
const knownFlags = new Map<number, readonly string[]>();
const routeFlags = (flags: number): readonly string[] => {
  const before = knownFlags.get(flags);
  if (before) return before;
  const names = flagNames.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  knownFlags.set(flags, names);
  return names;
};

const prefs: Readonly<Record<number, string>> = { 0: "medium", 1: "high", 3: "low" };
const hop = new AttrIndex(T.via);

/** RTA_VIA: a gateway of the other family. */
const viaOf = (a: AttrIndex): { family: string; host: string } | undefined => {
  const b = a.raw(T.via);
  if (!b || (b.length !== 6 && b.length !== 18)) return undefined;
  return { family: familyName(b[0]! | (b[1]! << 8)), host: ipText(b.subarray(2)) };
};

const RTNEXTHOP = 8;
/** RTA_MULTIPATH: a run of struct rtnexthop, each with its attributes. */
const nexthops = (of: Received, from: number, to: number, linkName: (index: number) => string): NexthopRow[] => {
  const out: NexthopRow[] = [];
  const { view, bytes } = of;
  for (let i = from; i + RTNEXTHOP <= to; ) {
    const length = view.getUint16(i, true);
    if (length < RTNEXTHOP || i + length > to) break;
    const a = hop.fill(of, i + RTNEXTHOP, i + length);
    const gateway = addressText(a, T.gateway);
    const via = viaOf(a);
    out.push({
      ...(gateway === undefined ? {} : { gateway }),
      ...(via && { via }),
      dev: linkName(view.getInt32(i + 4, true)),
      weight: bytes[i + 3]! + 1,
      flags: routeFlags(bytes[i + 2]!),
    });
    i += (length + 3) & ~3;
  }
  return out;
};

/** `0/8` stands where the kernel gives a length and no address. */
const prefixed = (a: AttrIndex, attr: number, length: number, whole: number): string | undefined => {
  const ip = addressText(a, attr);
  if (ip === undefined) return length === 0 ? undefined : `0/${length}`;
  return length === whole ? ip : `${ip}/${length}`;
};

export interface RouteForm {
  /** Says, as `ip -d`, also what is usual: type, protocol and scope. */
  readonly details: boolean;
  /** Routes of several tables are told apart. */
  readonly tables: boolean;
  /** So are routes of both families: those of IPv6 say so. */
  readonly families: boolean;
}

/** Reads routes from messages; copies that the kernel caches are left out. */
export const routeReader = (form: RouteForm, linkName: LinkNamer) => {
  const top = new AttrIndex(T.nhId);
  const { details, tables, families } = form;

  return (of: Received, from: number, to: number): RouteRow | undefined => {
    const { bytes, words } = of;
    const family = bytes[from]!;
    const flags = words[(from >> 2) + 2]!;
    if (flags & RTM_F_CLONED || (family !== AF_INET && family !== AF_INET6)) return undefined;
    const a = top.fill(of, from + RTMSG, to);
    const whole = family === AF_INET ? 32 : 128;
    const row = {} as RouteRow;
    const type = bytes[from + 7]!;
    if (type !== RTN_UNICAST || details) row.type = routeTypes[type] ?? String(type);
    row.dst = prefixed(a, T.dst, bytes[from + 1]!, whole) ?? "default";
    const source = prefixed(a, T.src, bytes[from + 2]!, whole);
    if (source !== undefined) row[a.has(T.src) ? "from" : "src"] = source;
    if (a.has(T.nhId)) row.nhid = a.u32(T.nhId);
    if (a.has(T.newdst)) row.to = addressText(a, T.newdst);
    const tos = bytes[from + 3]!;
    if (tos !== 0) row.tos = dsfield(tos);
    const gateway = addressText(a, T.gateway);
    if (gateway !== undefined) row.gateway = gateway;
    if (a.has(T.via)) {
      const via = viaOf(a);
      if (via) row.via = via;
    }
    const oif = a.u32(T.oif);
    if (oif !== undefined) row.dev = linkName(oif);
    const table = a.u32(T.table) ?? bytes[from + 4]!;
    if (tables && table !== 0 && (table !== MAIN || details)) row.table = named("rt_tables", table);
    const protocol = bytes[from + 5]!;
    if (protocol !== RTPROT_BOOT || details) row.protocol = named("rt_protos", protocol);
    const scope = bytes[from + 6]!;
    if (scope !== 0 || details) row.scope = named("rt_scopes", scope);
    const prefsrc = addressText(a, T.prefsrc);
    if (prefsrc !== undefined) row.prefsrc = prefsrc;
    const metric = a.u32(T.priority);
    if (metric !== undefined) row.metric = metric;
    row.flags = routeFlags(flags);
    rare(a, row as Fields);
    if (a.has(T.iif)) row.iif = linkName(a.u32(T.iif)!);
    const pref = a.u8(T.pref);
    if (pref !== undefined) row.pref = prefs[pref] ?? String(pref);
    if (a.has(T.ttlPropagate)) row["ttl-propogate"] = a.u8(T.ttlPropagate) === 1;
    const paths = a.place(T.multipath);
    if (paths) row.nexthops = nexthops(of, paths.from, paths.to, linkName);
    if (families && family === AF_INET6) row.family = "inet6";
    return row;
  };
};

/** What few routes have, in the place where it stands. */
const rare = (a: AttrIndex, row: Fields): void => {
  const mark = a.u32(T.mark);
  if (mark) row.mark = mark;
  const flow = a.u32(T.flow);
  if (flow !== undefined) {
    const [to, from] = [flow & 0xffff, flow >>> 16];
    row.flow = { ...(from && { from: named("rt_realms", from) }), to: named("rt_realms", to) };
  }
  if (a.has(T.cacheinfo)) cacheinfo(a, row);
  if (a.has(T.metrics)) row.metrics = [routeMetrics(a, T.metrics)];
};

const dsfield = (tos: number): string => nameIn("rt_dsfield", tos) ?? `0x${tos.toString(16).padStart(2, "0")}`;

/** struct rta_cacheinfo: clntref, lastuse, expires (1/100 s), error, ... */
const cacheinfo = (a: AttrIndex, row: Fields): void => {
  const place = a.place(T.cacheinfo)!;
  if (place.to - place.from < 16) return;
  const expires = place.of.view.getInt32(place.from + 8, true);
  const error = place.of.view.getUint32(place.from + 12, true);
  if (expires !== 0) row.expires = Math.trunc(expires / 100);
  if (error !== 0) row.error = error;
};

export interface RouteQuery {
  readonly family: FamilyChoice;
  /** One table by number; undefined is all. */
  readonly table: number | undefined;
  readonly details: boolean;
}

/** Every message of `ip route`, `ip -6 route`: IPv4 first. `again` drops what was taken since `begin`. */
export const scanRoutes = (
  ns: Netns,
  q: RouteQuery,
  on: { begin(): void; take(of: Received, from: number, to: number): void; again(): void },
): void => {
  let missing = 0;
  const families = familiesOf(q.family);
  for (const family of families) {
    const payload = dumpPayload(RTMSG, family, q.table === undefined ? [] : [[T.table, q.table]]);
    on.begin();
    try {
      const request = { type: RTM_GETROUTE, op: "ip route", payload };
      ns.rt.scan(request, (of, _, from, to) => on.take(of, from, to), on.again);
    } catch (error) {
      if (!isNoTable(error)) throw error;
      missing++;
    }
  }
  if (missing === families.length && q.table !== undefined && q.table !== MAIN) throw noTable(q.table);
};

export const formOf = (q: RouteQuery): RouteForm => ({
  details: q.details,
  tables: q.table === undefined,
  families: q.family === undefined,
});

export const readRoutes = (ns: Netns, q: RouteQuery, linkName: LinkNamer): RouteRow[] => {
  const read = routeReader(formOf(q), linkName);
  const rows: RouteRow[] = [];
  let before = 0;
  scanRoutes(ns, q, {
    begin: () => {
      before = rows.length;
    },
    take: (of, from, to) => {
      const row = read(of, from, to);
      if (row) rows.push(row);
    },
    again: () => {
      rows.length = before;
    },
  });
  return rows;
};

/** The kernel makes a table with its first route. */
const isNoTable = (error: unknown): boolean =>
  error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "ENOENT";

const noTable = (table: number): FaultError =>
  new FaultError({
    kind: "not-found",
    what: `routing table ${named("rt_tables", table)}`,
    why: "it has no routes, and no rule made it",
    fix: "podwire node show routes --table all",
  });
