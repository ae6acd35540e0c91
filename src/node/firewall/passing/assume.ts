/** A ruleset as it would be with our rules in it: where each manager puts them. Pure. */
import { exprsOf } from "../exprs.ts";
import type { Landing } from "../manager.ts";
import type { Opening } from "../openings.ts";
import type { Chain, Rule, Ruleset, Table } from "../ruleset/model.ts";

export interface Assumed {
  readonly opening: Opening;
  readonly landing: Landing;
}

const isIn = ({ table, backend }: Landing, there: Table): boolean =>
  table.family === there.family &&
  table.name === there.name &&
  (backend === "iptables-legacy") === (there.backend === "iptables-legacy");

const withRules = (chain: Chain, table: Table, assumed: readonly Assumed[]): Chain => {
  const rules = (at: Landing["at"]): Rule[] =>
    assumed
      .filter(({ landing }) => landing.chain === chain.name && landing.at === at)
      .flatMap(({ opening }) => exprsOf(opening, table))
      .map((exprs): Rule => ({ chain: chain.name, number: 0, exprs, owner: "podwire" }));
  // Numbers stay those of the rules that are there.
  return { ...chain, rules: [...rules("top"), ...chain.rules, ...rules("end")] };
};

export const assume = (ruleset: Ruleset, assumed: readonly Assumed[]): Ruleset => ({
  ...ruleset,
  tables: ruleset.tables.map((table) => {
    const here = assumed.filter(({ landing }) => isIn(landing, table));
    if (here.length === 0) return table;
    const chains = [...table.chains].map(([name, chain]) => [name, withRules(chain, table, here)] as const);
    return { ...table, chains: new Map(chains) };
  }),
});
