/** Rulesets made by hand, for tests without a kernel. */
import { family, type Ip, ipBytes } from "../../../base/ip.ts";
import type { Expr } from "../../../kernel/codec/nft/expressions.ts";
import { buildTable, type ChainFound, type TableFound } from "../ruleset/build.ts";
import type { Base, Ruleset, SetThere, Way, WayQuery } from "../ruleset/model.ts";

export const base = (hook: Base["hook"], more: Partial<Base> = {}): Base => ({
  type: "filter",
  hook,
  priority: 0,
  policy: "accept",
  ...more,
});

export interface MadeTable extends Partial<Omit<TableFound, "chains" | "rules">> {
  readonly chains: Readonly<
    Record<string, { readonly base?: Base; readonly rules: readonly (readonly (readonly Expr[])[])[] }>
  >;
}

const links = [
  { name: "lo", index: 1, type: 772, group: 0 },
  { name: "eth0", index: 2, type: 1, group: 0 },
  { name: "eth1", index: 3, type: 1, group: 0 },
  { name: "br0", index: 4, type: 1, group: 0, kind: "bridge" },
  { name: "port1", index: 5, type: 1, group: 0, kind: "veth", master: "br0" },
];

/** 10.0.0.1 at eth0, 10.1.0.1 at eth1, 10.2.0.1 at br0; 10.9.0.0/16 has no route. */
const own: Readonly<Record<string, string>> = { eth0: "10.0.0.1", eth1: "10.1.0.1", br0: "10.2.0.1" };
const nets: Readonly<Record<string, string>> = { "10.0.": "eth0", "10.1.": "eth1", "10.2.": "br0" };

const linkTo = (ip: Ip): string | undefined => Object.entries(nets).find(([net]) => ip.startsWith(net))?.[1];
const isOwn = (ip: Ip): boolean => Object.values(own).includes(ip) || ip.startsWith("127.");

const way = ({ dst }: WayQuery): Way => {
  if (isOwn(dst)) return { to: "local" };
  const link = linkTo(dst);
  return link === undefined ? { to: "nowhere", why: `no route to ${dst}`, told: true } : { to: "link", link };
};

export const madeRuleset = (tables: readonly MadeTable[], more: Partial<Ruleset> = {}): Ruleset => ({
  tables: tables.map((t) =>
    buildTable({
      family: "ip",
      name: "t",
      backend: "nf_tables",
      sets: [],
      ...t,
      chains: Object.entries(t.chains).map(([name, c]): ChainFound => ({ name, ...(c.base && { base: c.base }) })),
      rules: Object.entries(t.chains).flatMap(([chain, c]) => c.rules.map((exprs) => ({ chain, exprs: exprs.flat() }))),
    }),
  ),
  links,
  routing: {
    way,
    addressType: (ip) => (isOwn(ip) ? 2 : 1),
    sourceFor: (ip) => own[linkTo(ip) ?? ""] as Ip | undefined,
    linkTo,
    addressesOn: (link, f) => {
      const ip = own[link] as Ip | undefined;
      return ip && family(ip) === f ? [ipBytes(ip)] : [];
    },
  },
  bridgeCalls: { ip: false, ip6: false },
  ipsets: new Map(),
  beside: [],
  ...more,
});

export const madeSet = (name: string, fields: readonly number[], elements: SetThere["elements"]): SetThere => ({
  name,
  fields,
  interval: elements.some((e) => e.end !== undefined),
  keyType: 0,
  elements,
});
