/** Ways that a packet can go, side by side: each with what it met and what had to be so. */
import type { Base, Chain, Rule, Ruleset, Table } from "../ruleset/model.ts";
import { textOf } from "../ruleset/print.ts";
import { addressOf, portOf, type State, stateKey } from "./state.ts";
import type { Decider, Doubt, Fate, Outcome, Passage } from "./verdict.ts";

export interface World {
  readonly state: State;
  readonly path: readonly Passage[];
  readonly doubts: readonly Doubt[];
}

/** Rules of chains that were jumped to are said as they stand there; a policy has no rule. */
export const deciderOf = (ruleset: Ruleset, table: Table, chain: Chain, rule: Rule | undefined): Decider => ({
  owner: rule?.owner ?? chain.owner,
  backend: table.backend,
  family: table.family,
  table: table.name,
  chain: rule?.chain ?? chain.name,
  ...(rule && { rule: rule.number, ...(rule.handle !== undefined && { handle: rule.handle }) }),
  text: rule ? textOf(ruleset, table, rule) : `policy ${chain.base?.policy ?? "accept"}`,
});

export const passed = (w: World, table: Table, chain: Chain, base: Base, said: string, by?: Decider): World => ({
  ...w,
  path: [
    ...w.path,
    {
      hook: base.hook,
      family: table.family,
      table: table.name,
      chain: chain.name,
      priority: base.priority,
      backend: table.backend,
      said,
      ...(by && { by }),
    },
  ],
});

export const outcome = (w: World, fate: Fate, by: Decider | undefined, to?: Outcome["to"]): Outcome => {
  const [src, dst] = [addressOf(w.state, "src"), addressOf(w.state, "dst")];
  const dport = portOf(w.state, "dst");
  return {
    fate,
    path: w.path,
    doubts: w.doubts,
    ...(by && { by }),
    ...(to && { to }),
    ...(src && { src }),
    ...(dst && { dst }),
    ...(dport !== undefined && { dport }),
  };
};

const same = (a: Doubt, b: Doubt): boolean => a.what === b.what && a.at === b.at;

/**
 * Those that go on alike are one, and what sets them apart no longer matters: a limit on a log line, say. Only doubts that
 * both have stay.
 */
export const merge = (worlds: readonly World[]): readonly World[] => {
  if (worlds.length < 2) return worlds;
  const byState = new Map<string, World>();
  for (const w of worlds) {
    const key = stateKey(w.state);
    const there = byState.get(key);
    byState.set(key, there ? { ...there, doubts: there.doubts.filter((d) => w.doubts.some((x) => same(d, x))) } : w);
  }
  return [...byState.values()];
};
