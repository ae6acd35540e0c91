/** What the managers look at: the kernel's rulesets in short, and files. */
import { isLoopback } from "../../base/ip.ts";
import type { Table } from "../../net/nft/types.ts";
import type { Host } from "../host.ts";
import { cardsOf } from "../identity.ts";
import { droppers } from "./droppers.ts";
import { defaultLinks } from "./neighbours.ts";
import type { Chain, Hook, Rule, Table as RulesetTable } from "./ruleset/model.ts";
import { readTables } from "./ruleset/read.ts";

export interface ChainThere extends Pick<Chain, "name" | "base"> {
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
  /** Of the tables of the older iptables, which nf_tables does not show. */
  readonly older: readonly ChainThere[];
  /** Links by which packets of other machines come. */
  readonly cards: readonly { readonly name: string; readonly index: number }[];
  /** Rules are wanted for chains that drop nothing, too: somebody named the manager. */
  readonly all: boolean;
}

/** Our rules, by their comment. */
const isOurs = ({ comment }: Rule): boolean => comment?.startsWith("podwire: ") === true;

const chainsIn = (tables: readonly RulesetTable[]): ChainThere[] =>
  tables.flatMap(({ family, name, chains }) => {
    const all = [...chains.values()];
    const theirs = all.flatMap(({ rules }) => rules).filter((r) => !isOurs(r));
    const dropping = droppers(all, theirs);
    return all.map(({ name: chain, base, rules }) => {
      const ours = rules.filter(isOurs).map(({ comment = "" }) => comment);
      return {
        name: chain,
        ...(base && { base }),
        table: { family, name },
        rules: rules.length - ours.length,
        drops: dropping.has(chain),
        ours,
      };
    });
  });

const cards = (host: Host): Surroundings["cards"] => {
  const near = new Set([...cardsOf(host).map(({ index }) => index), ...defaultLinks(host)]);
  const named = host.links.filter(({ index }) => near.has(index));
  const spoken = host.addresses.filter(({ address }) => !isLoopback(address.ip)).map(({ link }) => link);
  return named.filter(({ index }) => spoken.includes(index)).map(({ name, index }) => ({ name, index }));
};

/** @throws FaultError permission: the kernel shows rules to root alone */
export const lookAround = (host: Host): Surroundings => {
  // Read anew: another process may have changed it while this one waited for its turn.
  const { older = [], chains = [] } = Object.groupBy(readTables(host.ns), ({ backend }) =>
    backend === "iptables-legacy" ? "older" : "chains",
  );
  return {
    read: host.read,
    list: host.list,
    chains: chainsIn(chains),
    older: chainsIn(older),
    cards: cards(host),
    all: false,
  };
};

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
  older: [],
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
export const isFilterAt = ({ base }: Pick<ChainThere, "base">, hook: Hook): boolean =>
  base?.hook === hook && base.type === "filter";
