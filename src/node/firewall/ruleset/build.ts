/** Puts what a reader found together: rules into their chains, with numbers and owners. */
import { str } from "../../../kernel/codec/codec.ts";
import { isExpr } from "../../../kernel/codec/nft/expressions.ts";
import { CMP } from "../../../net/nft/build.ts";
import type { Base, Chain, OwnerName, Rule, SetThere, Table } from "./model.ts";
import { ownerOfChain, ownerOfComment, ownerOfTable } from "./owner.ts";

export interface ChainFound {
  readonly name: string;
  readonly base?: Base;
}

export type RuleFound = Omit<Rule, "number" | "owner">;

export interface TableFound {
  readonly family: Table["family"];
  readonly name: string;
  readonly backend: Table["backend"];
  readonly chains: readonly ChainFound[];
  readonly rules: readonly RuleFound[];
  readonly sets: readonly SetThere[];
}

const jumpOf = (r: RuleFound): string | undefined =>
  r.exprs.map((e) => (isExpr(e, "immediate") ? e.data?.verdict?.chain : undefined)).find((c) => c !== undefined);

/** Bridges of Docker's: rules about what does not come from one, outside its chains, are Docker's, too. */
const dockerBridge = /^(docker0|br-[0-9a-f]{12})$/;
const isDockers = (r: RuleFound): boolean =>
  /^(PRE|POST)ROUTING$/.test(r.chain) &&
  r.exprs.some((e) => isExpr(e, "cmp") && e.op === CMP.neq && dockerBridge.test(str.read(e.data?.value ?? none)));
const none = new Uint8Array(0);

/** A rule is of those who own its comment, its chain, its table, or the chain that it sends packets to. */
const ownerOfRule = (table: OwnerName | undefined, r: RuleFound): OwnerName => {
  const to = jumpOf(r);
  return (
    ownerOfComment(r.comment) ??
    ownerOfChain(r.chain) ??
    table ??
    (to === undefined ? undefined : ownerOfChain(to)) ??
    (isDockers(r) ? "docker" : "person")
  );
};

/** Those who set a policy themselves, and which. Of any other base chain it is a person who did. */
const policies: readonly (readonly [owner: OwnerName, hooks: readonly string[]])[] = [
  ["ufw", ["input", "forward", "output"]],
  ["docker", ["forward"]],
];

const ownerOfBase = (table: OwnerName | undefined, c: ChainFound, rules: readonly Rule[]): OwnerName => {
  const named = ownerOfChain(c.name) ?? table;
  if (named) return named;
  const users = new Set(rules.map((r) => r.owner));
  return policies.find(([owner, hooks]) => users.has(owner) && hooks.includes(c.base?.hook ?? ""))?.[0] ?? "person";
};

export const buildTable = (found: TableFound): Table => {
  const owner = ownerOfTable(found.name);
  const byChain = new Map<string, Rule[]>();
  for (const r of found.rules) {
    const there = byChain.get(r.chain) ?? [];
    there.push({ ...r, number: there.length + 1, owner: ownerOfRule(owner, r) });
    byChain.set(r.chain, there);
  }
  const chains = found.chains.map((c): Chain => {
    const rules = byChain.get(c.name) ?? [];
    return { ...c, rules, owner: ownerOfBase(owner, c, rules) };
  });
  return {
    family: found.family,
    name: found.name,
    backend: found.backend,
    chains: new Map(chains.map((c) => [c.name, c])),
    sets: new Map(found.sets.map((s) => [s.name, s])),
  };
};
