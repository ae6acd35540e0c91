/** `podwire node show routes`. */
import { tryIp } from "../../../base/ip.ts";
import { chosen, linkNames, meansNothing } from "../choose.ts";
import type { Noun } from "../noun.ts";
import { AF_INET, AF_INET6 } from "../request.ts";
import type { RouteRow } from "../route-row.ts";
import { readRoutes, routeReader } from "../routes.ts";
import { routesJson } from "../routes-json.ts";

const gatewayOf = (h: Pick<RouteRow, "gateway" | "via">): string => h.gateway ?? h.via?.host ?? "";
const via = (r: RouteRow): string =>
  r.nexthops
    ? r.nexthops.map((h) => `${gatewayOf(h) || h.dev}${h.weight > 1 ? ` x${h.weight}` : ""}`).join(", ")
    : gatewayOf(r);
const devs = (r: RouteRow): string => r.dev ?? [...new Set(r.nexthops?.map((h) => h.dev) ?? [])].join(",");

const metrics = (r: RouteRow): string =>
  (Array.isArray(r.metrics) ? Object.entries(r.metrics[0] as object) : [])
    .map(([name, n]) => `${name} ${n}`)
    .join(", ");

/** For an address that is no destination, the way that packets to it take is meant. */
const mendOf = (word: string): string =>
  tryIp(word) ? `ip route get ${word}; podwire node show routes` : "podwire node show routes";

/** A word is a link, or a destination as it is printed. */
const means = (r: RouteRow, word: string): boolean =>
  r.dst === word || r.dev === word || (r.nexthops?.some((h) => h.dev === word) ?? false);

export const routes: Noun<RouteRow> = {
  kind: "Routes",
  name: "routes",
  asIp: true,
  read: (ns, { family, table, details }, link) => readRoutes(ns, { family, table, details }, link),
  json: (ns, { family, table, details }, link) => routesJson(ns, { family, table, details }, link),
  choose: (rows, words, ns) =>
    chosen(rows, words, means, (word) => {
      const names = linkNames(ns);
      // A link without routes is no mistake.
      if (names.includes(word)) return;
      const known = [...names, ...rows.map((r) => r.dst)];
      throw meansNothing("route", "no link and no destination is called so", known, word, mendOf(word));
    }),
  lines: (rows) => rows,
  line: (row) => row as RouteRow,
  columns: [
    { head: "DESTINATION", cell: (r) => (r.type === undefined || r.type === "unicast" ? r.dst : `${r.type} ${r.dst}`) },
    { head: "VIA", cell: via },
    { head: "LINK", cell: devs },
    { head: "SOURCE", cell: (r) => r.prefsrc ?? "" },
    { head: "PROTOCOL", cell: (r) => r.protocol ?? "boot" },
    { head: "METRIC", cell: (r) => String(r.metric ?? ""), right: true },
    { head: "TABLE", cell: (r) => r.table ?? "main" },
    { head: "SCOPE", cell: (r) => r.scope ?? "global", wide: true },
    { head: "FLAGS", cell: (r) => r.flags.join(","), wide: true },
    { head: "METRICS", cell: metrics, wide: true },
  ],
  watch: {
    groups: ["route"],
    // Routes that go with a link or an address go without a word for IPv4.
    unsaid: ["link", "address"],
    many: true,
    rows: (rows) => rows.map((row) => ({ key: keyOf(row), row: still(row) })),
    read: ({ family, table, details, words }, link) => {
      const read = routeReader({ details, tables: table === undefined, families: family === undefined }, link);
      return (of, from, to) => {
        const af = of.bytes[from]!;
        if (af !== AF_INET && af !== AF_INET6) return undefined;
        if (family !== undefined && af !== (family === 4 ? AF_INET : AF_INET6)) return undefined;
        if (table !== undefined && tableOf(of.bytes, from, to) !== table) return undefined;
        const row = read(of, from, to);
        if (!row || (words.length > 0 && !words.some((word) => means(row, word)))) return undefined;
        return { key: keyOf(row), row: still(row) };
      };
    },
  },
};

/** Of one family, table, destination, service and metric there is one route, unless more are appended. */
const keyOf = (r: RouteRow): string =>
  `${r.table ?? ""} ${r.dst} ${r.from ?? ""} ${r.tos ?? ""} ${r.metric ?? ""} ${r.family ?? ""}`;
const still = ({ expires, ...rest }: RouteRow): object => (expires === undefined ? rest : { ...rest, expires: true });

/** RTA_TABLE, or the struct's byte. */
const tableOf = (bytes: Buffer, from: number, to: number): number => {
  const [RTMSG, RTA_TABLE] = [12, 15];
  for (let i = from + RTMSG; i + 8 <= to; i += (bytes.readUInt16LE(i) + 3) & ~3) {
    if (bytes.readUInt16LE(i) < 4) break;
    if (bytes.readUInt16LE(i + 2) === RTA_TABLE) return bytes.readUInt32LE(i + 4);
  }
  return bytes[from + 4]!;
};
