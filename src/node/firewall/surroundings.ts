/** What the managers look at: the kernel's rulesets in short, and files. */
import { listChains, listRules, listTables } from "../../net/nft/read.ts";
import { hasNft } from "../../net/nft/transact.ts";
import type { Chain, Table } from "../../net/nft/types.ts";
import type { Host } from "../host.ts";

export interface ChainThere extends Chain {
  readonly table: Table;
  /** How many rules it has, besides ours. */
  readonly rules: number;
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
}

const chainsOf = (host: Host): ChainThere[] =>
  hasNft(host.ns)
    ? listTables(host.ns).flatMap((table) => {
        const rules = Map.groupBy(listRules(host.ns, table), (r) => r.chain);
        return (listChains(host.ns, table) ?? []).map((chain) => {
          const there = rules.get(chain.name) ?? [];
          const ours = there.flatMap(({ comment }) => (comment?.startsWith("podwire: ") ? [comment] : []));
          return { ...chain, table, rules: there.length - ours.length, ours };
        });
      })
    : [];

const names = (text: string | undefined): string[] => (text ?? "").split("\n").filter(Boolean);

/** @throws FaultError permission: the kernel shows rules to root alone */
export const lookAround = (host: Host): Surroundings => ({
  read: host.read,
  list: host.list,
  chains: chainsOf(host),
  legacy: {
    4: names(host.read("/proc/net/ip_tables_names")),
    6: names(host.read("/proc/net/ip6_tables_names")),
  },
});

/** Tables that iptables-nft keeps, by the names that iptables has for them. */
const iptablesTables = ["filter", "nat", "mangle", "raw", "security"];
const builtIn = ["INPUT", "FORWARD", "OUTPUT", "PREROUTING", "POSTROUTING"];
export const isIptables = ({ table, name }: ChainThere): boolean =>
  (table.family === "ip" || table.family === "ip6") &&
  iptablesTables.includes(table.name) &&
  (builtIn.includes(name) || /^[A-Z]/.test(name) || name.startsWith("ufw"));

/** What a base chain can drop: by its policy, or by what its rules say. */
export const canDrop = ({ base, rules }: ChainThere): boolean => base?.policy === "drop" || rules > 0;
