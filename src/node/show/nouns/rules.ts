/** `podwire node show rules`. */
import { chosen, meansNothing } from "../choose.ts";
import type { Noun } from "../noun.ts";
import { AF_INET, AF_INET6 } from "../request.ts";
import { type RuleRow, readRule, readRules } from "../rules.ts";

const network = (ip: string | undefined, length: number | undefined): string =>
  ip === undefined ? "" : length === undefined ? ip : `${ip}/${length}`;

const when = (r: RuleRow): string =>
  [
    r.fwmark === undefined ? "" : `fwmark ${r.fwmark}${r.fwmask === undefined ? "" : `/${r.fwmask}`}`,
    r.iif === undefined ? "" : `iif ${r.iif}${"iif_detached" in r ? " (no such link)" : ""}`,
    r.oif === undefined ? "" : `oif ${r.oif}${"oif_detached" in r ? " (no such link)" : ""}`,
    r.tos === undefined ? "" : `tos ${r.tos}`,
    r.ipproto === undefined ? "" : `ipproto ${r.ipproto}`,
    ...["sport", "dport"].map((name) => {
      if (r[name] !== undefined) return `${name} ${r[name]}`;
      return r[`${name}_start`] === undefined ? "" : `${name} ${r[`${name}_start`]}-${r[`${name}_end`]}`;
    }),
    r.uid_start === undefined ? "" : `uid ${r.uid_start}-${r.uid_end}`,
  ]
    .filter((x) => x !== "")
    .join(", ");

const then = (r: RuleRow): string => {
  if (r.action !== undefined) return r.action;
  if (r.goto !== undefined) return `goto ${r.goto}`;
  if ("nop" in r) return "nop";
  if ("l3mdev" in r) return "lookup the VRF's table";
  return `lookup ${r.table ?? ""}`;
};
const but = (r: RuleRow): string =>
  [
    r.suppress_prefixlen === undefined ? "" : `not by prefixes up to /${r.suppress_prefixlen}`,
    r.suppress_ifgroup === undefined ? "" : `not by links of group ${r.suppress_ifgroup}`,
  ]
    .filter((x) => x !== "")
    .join(", ");

/** A word is a table, a link or a priority. */
const means = (r: RuleRow, word: string): boolean =>
  r.table === word || r.iif === word || r.oif === word || String(r.priority) === word;

const followed = (row: RuleRow): { key: string; row: object } => ({ key: JSON.stringify(row), row });

export const rules: Noun<RuleRow> = {
  kind: "Rules",
  name: "rules",
  asIp: true,
  read: (ns, { family, details }) => readRules(ns, family, details),
  choose: (rows, words) =>
    chosen(rows, words, means, (word) => {
      const known = rows.flatMap((r) => [r.table, r.iif, r.oif, String(r.priority)].filter((x) => x !== undefined));
      const why = "no rule has such a table, link or priority";
      throw meansNothing("rule", why, known, word, "podwire node show rules");
    }),
  lines: (rows) => rows,
  line: (row) => row as RuleRow,
  columns: [
    { head: "PRIORITY", cell: (r) => String(r.priority), right: true },
    { head: "FAMILY", cell: (r) => (r.family === "inet6" ? "IPv6" : "IPv4") },
    { head: "FROM", cell: (r) => `${"not" in r ? "not " : ""}${network(r.src, r.srclen)}` },
    { head: "TO", cell: (r) => network(r.dst, r.dstlen) },
    { head: "WHEN", cell: when },
    { head: "THEN", cell: then },
    { head: "BUT", cell: but, wide: true },
    { head: "PROTOCOL", cell: (r) => r.protocol ?? "", wide: true },
  ],
  watch: {
    groups: ["rule"],
    many: true,
    rows: (rows) => rows.map(followed),
    read:
      ({ family, details, words }) =>
      (of, from, to) => {
        const af = of.bytes[from];
        if (af !== AF_INET && af !== AF_INET6) return undefined;
        if (family !== undefined && af !== (family === 4 ? AF_INET : AF_INET6)) return undefined;
        const row = readRule(of, from, to, { details, families: family === undefined });
        return words.length === 0 || words.some((word) => means(row, word)) ? followed(row) : undefined;
      },
  },
};
