/** What the managers look at: the kernel's rulesets in short, and files. */
import { isLoopback } from "../../base/ip.ts";
import { listChains, listRules, listTables } from "../../net/nft/read.ts";
import { hasNft } from "../../net/nft/transact.ts";
import type { Chain, HookName, RuleThere, Table } from "../../net/nft/types.ts";
import type { Host } from "../host.ts";
import { cardsOf } from "../identity.ts";
import { droppers } from "./droppers.ts";
import { defaultLinks } from "./neighbours.ts";

export interface ChainThere extends Chain {
  readonly table: Table;
  /** How many rules it has, besides ours. */
  readonly rules: number;
  /** Some packet can end here, by the policy, by a rule, or in a chain that a rule leads to. */
  readonly drops: boolean;
  /** Comments of our rules in it. */
  readonly ours: readonly string[];
}

export interface Surroundings {
  readonly read: Host["read"];
  readonly list: Host["list"];
  /** Of every table of nf_tables, those of iptables-nft too. */
  readonly chains: readonly ChainThere[];
  /** Tables that legacy iptables has in the kernel, by family: filter, nat, ... */
  readonly legacy: { readonly 4: readonly string[]; readonly 6: readonly string[] };
  /** Links by which packets of other machines come. */
  readonly cards: readonly { readonly name: string; readonly index: number }[];
  /** Rules are wanted for chains that drop nothing, too: somebody named the manager. */
  readonly all: boolean;
}

/** Our rules, by their comment. */
const isOurs = ({ comment }: RuleThere): boolean => comment?.startsWith("podwire: ") === true;

const chainsOf = (host: Host): ChainThere[] =>
  hasNft(host.ns)
    ? listTables(host.ns).flatMap((table) => {
        const rules = listRules(host.ns, table);
        const chains = listChains(host.ns, table) ?? [];
        const dropping = droppers(
          chains,
          rules.filter((r) => !isOurs(r)),
        );
        return chains.map((chain) => {
          const there = rules.filter((r) => r.chain === chain.name);
          const ours = there.filter(isOurs).map(({ comment = "" }) => comment);
          return { ...chain, table, rules: there.length - ours.length, drops: dropping.has(chain.name), ours };
        });
      })
    : [];

const names = (text: string | undefined): string[] => (text ?? "").split("\n").filter(Boolean);

const cards = (host: Host): Surroundings["cards"] => {
  const near = new Set([...cardsOf(host).map(({ index }) => index), ...defaultLinks(host)]);
  const named = host.links.filter(({ index }) => near.has(index));
  const spoken = host.addresses.filter(({ address }) => !isLoopback(address.ip)).map(({ link }) => link);
  return named.filter(({ index }) => spoken.includes(index)).map(({ name, index }) => ({ name, index }));
};

/** @throws FaultError permission: the kernel shows rules to root alone */
export const lookAround = (host: Host): Surroundings => ({
  read: host.read,
  list: host.list,
  chains: chainsOf(host),
  legacy: {
    4: names(host.read("/proc/net/ip_tables_names")),
    6: names(host.read("/proc/net/ip6_tables_names")),
  },
  cards: cards(host),
  all: false,
});

/** What one who may not look sees: no rules, and of the files those that anyone may read. */
export const blindSurroundings = (host: Host): Surroundings => ({
  read: (path) => {
    try {
      return host.read(path);
    } catch {
      return undefined;
    }
  },
  list: (path) => {
    try {
      return host.list(path);
    } catch {
      return [];
    }
  },
  chains: [],
  legacy: { 4: [], 6: [] },
  cards: cards(host),
  all: true,
});

/** Tables that iptables-nft keeps, by the names that iptables has for them. */
const iptablesTables = ["filter", "nat", "mangle", "raw", "security"];
const builtIn = ["INPUT", "FORWARD", "OUTPUT", "PREROUTING", "POSTROUTING"];
export const isIptables = ({ table, name }: Pick<ChainThere, "table" | "name">): boolean =>
  (table.family === "ip" || table.family === "ip6") &&
  iptablesTables.includes(table.name) &&
  (builtIn.includes(name) || /^[A-Z]/.test(name) || name.startsWith("ufw"));

/** A base chain of a filter table, at a hook. */
export const isFilterAt = ({ base }: Pick<ChainThere, "base">, hook: HookName): boolean =>
  base?.hook === hook && base.type === "filter";
