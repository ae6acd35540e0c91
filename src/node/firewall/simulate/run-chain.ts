/** Runs chains: rule after rule over all ways at once, into chains that are jumped to and back. */
import type { Chain, Rule, Ruleset, Table } from "../ruleset/model.ts";
import type { RuleVerdict } from "./machine.ts";
import { runRule } from "./run-rule.ts";
import { deciderOf, merge, type World } from "./world.ts";

/** A rule ended the base chain. */
export interface Ended {
  readonly world: World;
  readonly rule: Rule;
  readonly verdict: RuleVerdict;
}

interface Run {
  readonly ended: readonly Ended[];
  /** Came to the end of the chain, or returned from it. */
  readonly fell: readonly World[];
}

/** The kernel allows 16 jumps, the older iptables as many as there are chains. */
const DEEPEST = 256;
/** More ways at once are not followed. */
const MOST = 512;

export const runChain = (ruleset: Ruleset, table: Table, chain: Chain, start: readonly World[], depth = 0): Run => {
  const ended: Ended[] = [];
  const returned: World[] = [];
  let live = start;
  for (const rule of chain.rules) {
    if (live.length === 0) break;
    const next: World[] = [];
    const into = new Map<string, World[]>();
    for (const world of live)
      for (const { state, verdict, doubts } of runRule(ruleset, table, rule, world.state)) {
        const at = doubts.length > 0 ? deciderOf(ruleset, table, chain, rule) : undefined;
        const w: World = at
          ? { ...world, state, doubts: [...world.doubts, ...doubts.map((what) => ({ what, at }))] }
          : { ...world, state };
        if (verdict.verdict === "continue" || verdict.verdict === "break") next.push(w);
        else if (verdict.verdict === "return") returned.push(w);
        else if (verdict.verdict === "jump" || verdict.verdict === "goto") {
          const key = `${verdict.verdict} ${verdict.chain}`;
          into.set(key, [...(into.get(key) ?? []), w]);
        } else ended.push({ world: w, rule, verdict });
      }
    for (const [key, worlds] of into) {
      const [how, name = ""] = key.split(" ");
      const to = table.chains.get(name);
      if (!to || depth >= DEEPEST) {
        for (const world of worlds)
          ended.push({ world, rule, verdict: { verdict: "unclear", note: `no chain ${name}` } });
        continue;
      }
      const run = runChain(ruleset, table, to, worlds, depth + 1);
      ended.push(...run.ended);
      (how === "jump" ? next : returned).push(...run.fell);
    }
    live = merge(next);
    if (live.length > MOST) {
      for (const world of live) ended.push({ world, rule, verdict: { verdict: "unclear", note: "too many ways" } });
      live = [];
    }
  }
  return { ended, fell: merge([...returned, ...live]) };
};
