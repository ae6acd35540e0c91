/** Runs a hook: its base chains of all tables in the order of their priorities. Who drops has the last word. */
import type { Base, Chain, Hook, Ruleset, Table } from "../ruleset/model.ts";
import { exactly, overlay } from "./bits.ts";
import { runChain } from "./run-chain.ts";
import { addressAt, type State } from "./state.ts";
import type { Outcome } from "./verdict.ts";
import { deciderOf, merge, outcome, passed, type World } from "./world.ts";

export interface Passed {
  readonly outcomes: readonly Outcome[];
  readonly worlds: readonly World[];
}

interface At {
  readonly table: Table;
  readonly chain: Chain;
  readonly base: Base;
  /** Where it stands in the list of tables. */
  readonly order: number;
}

/** Layers that a table's chains hang in: those of `inet` in two of them. */
export type Layer = "ip" | "ip6" | "bridge" | "netdev";

const isIn = (table: Table, hook: Hook, layer: Layer): boolean => {
  if (table.family !== "inet") return table.family === layer;
  // `inet` has an ingress of its own, which hangs where those of netdev do.
  return hook === "ingress" ? layer === "netdev" : layer === "ip" || layer === "ip6";
};

const natPriority: Readonly<Partial<Record<Hook, number>>> = {
  prerouting: -100,
  output: -100,
  input: 100,
  postrouting: 100,
};
const CONNTRACK = -200;

/** By priority; of equals the one that came last goes first (nf_hook_entries_grow). */
const byPriority = (a: At, b: At): number => a.base.priority - b.base.priority || b.order - a.order;

const chainsAt = (ruleset: Ruleset, hook: Hook, layer: Layer, device: string | undefined): At[] =>
  ruleset.tables
    .flatMap((table, order) =>
      isIn(table, hook, layer)
        ? [...table.chains.values()].flatMap((chain) =>
            chain.base?.hook === hook && (!chain.base.devices || chain.base.devices.includes(device ?? ""))
              ? [{ table, chain, base: chain.base, order }]
              : [],
          )
        : [],
    )
    .sort(byPriority);

/** Each base chain has its say; accepting ends that chain only. */
const runBase = (ruleset: Ruleset, { table, chain, base }: At, worlds: readonly World[]): Passed => {
  const run = runChain(ruleset, table, chain, worlds);
  const outcomes: Outcome[] = [];
  const on: World[] = [];
  for (const { world, rule, verdict } of run.ended) {
    const by = deciderOf(ruleset, table, chain, rule);
    const after = passed(world, table, chain, base, verdict.note ?? verdict.verdict, by);
    if (verdict.verdict === "accept") on.push(after);
    else if (verdict.verdict === "drop") outcomes.push(outcome(after, "dropped", by));
    else if (verdict.verdict === "reject") outcomes.push(outcome(after, "rejected", by));
    else outcomes.push(outcome(after, "unclear", by));
  }
  for (const world of run.fell) {
    const by = deciderOf(ruleset, table, chain, undefined);
    const after = passed(world, table, chain, base, `policy ${base.policy}`, base.policy === "drop" ? by : undefined);
    if (base.policy === "accept") on.push(after);
    else outcomes.push(outcome(after, "dropped", by));
  }
  return { outcomes, worlds: merge(on) };
};

const runAll = (
  ruleset: Ruleset,
  chains: readonly At[],
  start: readonly World[],
  skip: (s: State) => boolean = () => false,
): Passed => {
  const outcomes: Outcome[] = [];
  let worlds = start;
  for (const at of chains) {
    const aside = worlds.filter((w) => skip(w.state));
    const run = runBase(
      ruleset,
      at,
      worlds.filter((w) => !skip(w.state)),
    );
    outcomes.push(...run.outcomes);
    worlds = merge([...aside, ...run.worlds]);
  }
  return { outcomes, worlds };
};

const track = (worlds: readonly World[]): World[] =>
  worlds.map((w) => (w.state.tracking === "none" ? { ...w, state: { ...w.state, tracking: "tracked" } } : w));

/** An answer goes to who began, whatever address that one had on the way. */
const turnedBack = (s: State, which: "src" | "dst"): State => {
  const { turnsTo, ...rest } = s;
  if (which !== "dst" || !turnsTo) return s;
  return { ...rest, network: overlay(s.network, addressAt[s.family].dst, exactly(turnsTo)) };
};

/** Chains of type nat are asked until one of them says what to change, once in a connection's life. */
const runNat = (ruleset: Ruleset, chains: readonly At[], hook: Hook, start: readonly World[]): Passed => {
  const which = hook === "prerouting" || hook === "output" ? "dst" : "src";
  const { outcomes, worlds } = runAll(ruleset, chains, start, (s) => s.natDone[which] || s.tracking !== "tracked");
  const done = worlds.map(({ state, ...w }) => ({
    ...w,
    state: { ...turnedBack(state, which), natDone: { ...state.natDone, [which]: true } },
  }));
  return { outcomes, worlds: merge(done) };
};

/** Passes through a hook of one layer; `device` for ingress and egress. */
export const runHook = (
  ruleset: Ruleset,
  hook: Hook,
  layer: Layer,
  start: readonly World[],
  device?: string,
): Passed => {
  if (start.length === 0) return { outcomes: [], worlds: [] };
  const here = start.map((w) => ({ ...w, state: { ...w.state, hook } }));
  const chains = chainsAt(ruleset, hook, layer, device);
  const at = layer === "ip" || layer === "ip6" ? natPriority[hook] : undefined;
  if (at === undefined) return runAll(ruleset, chains, here);
  const filters = chains.filter((c) => c.base.type !== "nat");
  const tracks = hook === "prerouting" || hook === "output";
  const groups: readonly ((ws: readonly World[]) => Passed)[] = [
    (ws) =>
      runAll(
        ruleset,
        filters.filter((c) => tracks && c.base.priority < CONNTRACK),
        ws,
      ),
    (ws) => ({ outcomes: [], worlds: tracks ? track(ws) : ws }),
    (ws) =>
      runAll(
        ruleset,
        filters.filter((c) => (!tracks || c.base.priority >= CONNTRACK) && c.base.priority < at),
        ws,
      ),
    (ws) =>
      runNat(
        ruleset,
        chains.filter((c) => c.base.type === "nat"),
        hook,
        ws,
      ),
    (ws) =>
      runAll(
        ruleset,
        filters.filter((c) => c.base.priority >= at),
        ws,
      ),
  ];
  const outcomes: Outcome[] = [];
  let worlds: readonly World[] = here;
  for (const group of groups) {
    const run = group(worlds);
    outcomes.push(...run.outcomes);
    worlds = run.worlds;
  }
  return { outcomes, worlds };
};
