/** Runs a rule: its expressions one after the other, on every way that is possible. */
import { type Expr, type ExprName, type Exprs, isExpr } from "../../../kernel/codec/nft/expressions.ts";
import type { Rule, Ruleset, Table } from "../ruleset/model.ts";
import { chance, masq, nat, notrack, objref, pass, queue, redir, reject, stolen } from "./expr-acts.ts";
import { ct, elsewhere, exthdr, fib, meta, payload } from "./expr-loads.ts";
import { bitwise, byteorder, cmp, dynset, hash, immediate, lookup, numgen, range } from "./expr-tests.ts";
import { freshRegisters, type Machine, type Move, type RuleVerdict } from "./machine.ts";
import type { State } from "./state.ts";
import { match } from "./xt-match.ts";
import { target } from "./xt-target.ts";

type Runs = { readonly [K in ExprName]: (m: Machine, e: Exprs[K]) => Move[] };

const runs: Runs = {
  payload,
  cmp,
  range,
  bitwise,
  byteorder,
  immediate,
  lookup,
  meta,
  ct,
  fib,
  nat,
  masq,
  redir,
  tproxy: stolen("a transparent proxy"),
  limit: chance("a limit of packets in a time"),
  connlimit: chance("how many connections there are"),
  quota: chance("a quota"),
  log: pass,
  counter: pass,
  last: pass,
  notrack,
  reject,
  numgen,
  hash,
  dynset,
  objref,
  queue,
  rt: elsewhere("facts of the route", 16),
  socket: elsewhere("the socket that waits for it", 16),
  exthdr,
  dup: pass,
  fwd: stolen("handed to another link"),
  osf: elsewhere("the sender's operating system", 16),
  xfrm: elsewhere("IPsec", 16),
  tunnel: elsewhere("the tunnel that it came by", 16),
  synproxy: stolen("synproxy"),
  match,
  target,
};

/** Not known here: it may match, not match, or end the packet. Nothing is guessed. */
const unknown = (m: Machine, e: Expr): Move[] => {
  const doubt = `expression ${e.name}, which is not known here`;
  return [
    { machine: m, after: "next", doubt },
    { machine: m, after: { verdict: "break" }, doubt },
    { machine: m, after: { verdict: "unclear" }, doubt },
  ];
};

const isKnown = (e: Expr): e is Exprs[ExprName] => Object.hasOwn(runs, e.name) && isExpr(e, e.name as ExprName);

const runExpr = (m: Machine, e: Expr): Move[] => {
  if (!isKnown(e)) return unknown(m, e);
  const run = runs[e.name] as (m: Machine, e: Expr) => Move[];
  return run(m, e);
};

/** How a rule ended, and what had to be so. */
export interface RuleEnd {
  readonly state: State;
  readonly verdict: RuleVerdict;
  readonly doubts: readonly string[];
}

const from = (m: Machine, rule: Rule, i: number, doubts: readonly string[]): RuleEnd[] => {
  const e = rule.exprs[i];
  if (e === undefined) return [{ state: m.state, verdict: { verdict: "continue" }, doubts }];
  return runExpr(m, e).flatMap((move) => {
    const all = move.doubt === undefined ? doubts : [...doubts, move.doubt];
    if (move.after === "next") return from(move.machine, rule, i + 1, all);
    return [{ state: move.machine.state, verdict: move.after, doubts: all }];
  });
};

export const runRule = (ruleset: Ruleset, table: Table, rule: Rule, state: State): RuleEnd[] =>
  from({ ruleset, table, state, registers: freshRegisters(), labels: {} }, rule, 0, []);
