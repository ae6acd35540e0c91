/** The sets of a table that hold elements. */
export interface SetsOfTable {
  readonly table: Table;
  readonly sets: readonly NftSet[];
}

/**
 * What a table has before anything is put into it: its sets, its chains and their rules. Made by the first who needs it,
 * brought back to what it should be when someone has edited it, and gone with the last.
 */
import type { Netns } from "../kernel.ts";
import { someElement } from "./elements.ts";
import { findChain, hasTable, listRules, listSets } from "./read.ts";
import { renderChain } from "./render-change.ts";
import { renderRule } from "./render-rule.ts";
import type { Chain, NftChange, NftSet, Rule, RuleThere, Table } from "./types.ts";

export interface BaseOfTable extends SetsOfTable {
  /** In the order in which they can be made: one that is jumped to comes before. */
  readonly chains: readonly (Chain & { readonly rules: readonly Rule[] })[];
}

export interface TableThere {
  readonly chains: readonly Chain[];
  readonly sets: readonly NftSet[];
  readonly rules: readonly RuleThere[];
}

/**
 * As much as there is of the base; undefined when there is no such table. Asked for chain by chain: there may be many
 * beside them, in this table and in others.
 */
export const readTable = (ns: Netns, { table, chains }: BaseOfTable): TableThere | undefined => {
  if (!hasTable(ns, table)) return undefined;
  const there = chains.flatMap((c) => findChain(ns, table, c.name) ?? []);
  const rules = there.flatMap((c) => listRules(ns, table, c.name));
  return { chains: there, sets: listSets(ns, table), rules };
};

/** Two rules are the same when `nft` says the same of them; counters count. */
const words = (r: Rule): string => renderRule({ ...r, exprs: r.exprs.filter((e) => e.name !== "counter") });

const sameRules = (there: readonly Rule[], wanted: readonly Rule[]): boolean =>
  there.length === wanted.length && wanted.every((r, i) => words(r) === words(there[i]!));

const chainText = (c: Chain): string =>
  renderChain({ name: c.name, ...(c.base && { base: { policy: "accept", ...c.base } }) });

/** What differs from the base, in words; empty when all of it is there. */
export const baseDifferences = (there: TableThere | undefined, base: BaseOfTable): string[] => {
  const name = `table ${base.table.family} ${base.table.name}`;
  if (!there) return [`${name} is gone`];
  const out: string[] = [];
  for (const s of base.sets)
    if (!there.sets.some((x) => x.name === s.name)) out.push(`${name} has no ${s.data ? "map" : "set"} ${s.name}`);
  for (const c of base.chains) {
    const found = there.chains.find((x) => x.name === c.name);
    if (!found) out.push(`${name} has no chain ${c.name}`);
    else if (chainText(found) !== chainText(c))
      out.push(`chain ${c.name} of ${name} hangs elsewhere: ${chainText(found)}`);
    else if (!sameRules(rulesOf(there, c.name), c.rules)) out.push(`rules of chain ${c.name} of ${name} are not ours`);
  }
  return out;
};

const rulesOf = (there: TableThere, chain: string): readonly RuleThere[] =>
  there.rules.filter((r) => r.chain === chain);

const fill = (table: Table, chain: string, rules: readonly Rule[]): NftChange[] =>
  rules.map((rule) => ({ do: "rule.add", table, chain, rule }));

/** The changes that make the base, or mend it; none when all is as it should be. Elements stay. */
export const planBase = (there: TableThere | undefined, base: BaseOfTable): NftChange[] => {
  const { table } = base;
  const create: NftChange[] = there ? [] : [{ do: "table.add", table, exclusive: true }];
  const sets = base.sets
    .filter((s) => !there?.sets.some((x) => x.name === s.name))
    .map((set): NftChange => ({ do: "set.add", table, set, exclusive: true }));
  const chains = base.chains.flatMap((c): NftChange[] => {
    const found = there?.chains.find((x) => x.name === c.name);
    const chain: Chain = { name: c.name, ...(c.base && { base: c.base }) };
    const rules = fill(table, c.name, c.rules);
    if (!there || !found) return [{ do: "chain.add", table, chain, exclusive: true }, ...rules];
    const same = chainText(found) === chainText(chain);
    if (same && sameRules(rulesOf(there, c.name), c.rules)) return [];
    const anew: NftChange[] = same
      ? []
      : [
          { do: "chain.del", table, chain: c.name },
          { do: "chain.add", table, chain },
        ];
    return [{ do: "chain.flush", table, chain: c.name }, ...anew, ...rules];
  });
  return [...create, ...sets, ...chains];
};

/** Whether none of the sets holds anything. A table that is not there holds nothing. */
export const holdsNothing = (ns: Netns, base: SetsOfTable): boolean =>
  !base.sets.some((set) => someElement(ns, base.table, set));
