/** Which chains can end a packet, by their rules and by where these lead. */
import { expect, test } from "bun:test";
import type { Expr } from "../../kernel/codec/nft/expressions.ts";
import { verdict } from "../../net/nft/build.ts";
import type { Chain } from "../../net/nft/types.ts";
import { droppers } from "./droppers.ts";

const base = (policy: "accept" | "drop"): Pick<Chain, "base"> => ({
  base: { type: "filter", hook: "input", priority: 0, policy },
});
const dropping = (rules: Record<string, readonly Expr[][]>, policy: "accept" | "drop" = "accept"): string[] => {
  const chains = Object.keys(rules).map((name): Chain => ({ name, ...(name === "INPUT" && base(policy)) }));
  const all = Object.entries(rules).flatMap(([chain, of]) => of.map((exprs, i) => ({ chain, handle: i, exprs })));
  return [...droppers(chains, all)].sort();
};

const target = (xtName: string): Expr[] => [{ name: "target", xtName, rev: 0, info: new Uint8Array() }];

test("a policy", () => {
  expect(dropping({ INPUT: [] }, "drop")).toEqual(["INPUT"]);
  expect(dropping({ INPUT: [] })).toEqual([]);
});

test("a verdict, a refusal, a queue, a map of verdicts, a target of iptables", () => {
  expect(dropping({ INPUT: [verdict("drop")] })).toEqual(["INPUT"]);
  expect(dropping({ INPUT: [[{ name: "reject", type: 0, code: 3 }]] })).toEqual(["INPUT"]);
  expect(dropping({ INPUT: [verdict("queue")] })).toEqual(["INPUT"]);
  expect(dropping({ INPUT: [[{ name: "queue", raw: new Uint8Array() }]] })).toEqual(["INPUT"]);
  expect(dropping({ INPUT: [[{ name: "lookup", set: "map", sreg: 1, dreg: 0 }]] })).toEqual(["INPUT"]);
  expect(dropping({ INPUT: [target("NFQUEUE")] })).toEqual(["INPUT"]);
});

test("what accepts, returns, counts, logs or looks up does not", () => {
  const look: Expr[] = [{ name: "lookup", set: "set", sreg: 1 }];
  expect(dropping({ INPUT: [verdict("accept"), verdict("return"), target("LOG"), target("MARK"), look] })).toEqual([]);
});

test("through chains that a rule leads to, also in circles and whatever their order", () => {
  expect(dropping({ INPUT: [verdict("jump", "a")], a: [verdict("goto", "b")], b: [verdict("drop")] })).toEqual([
    "INPUT",
    "a",
    "b",
  ]);
  expect(dropping({ a: [verdict("jump", "b")], b: [verdict("jump", "a")], INPUT: [verdict("jump", "a")] })).toEqual([]);
});

test("but not through those of a program that looks after its own", () => {
  for (const name of ["KUBE-FIREWALL", "cali-INPUT", "DOCKER-USER", "f2b-sshd", "FLANNEL-FWD"])
    expect(dropping({ INPUT: [verdict("jump", name)], [name]: [verdict("drop")] })).toEqual([name]);
});
