import { expect, test } from "bun:test";
import { parseIp } from "../../../base/ip.ts";
import type { Expr } from "../../../kernel/codec/nft/expressions.ts";
import {
  anyBit,
  ctState,
  ctStates,
  dnat,
  iifname,
  inSet,
  ip,
  match,
  protocol,
  th,
  verdict,
  vmap,
} from "../../../net/nft/build.ts";
import { ifnameKey, ipKey, portKey } from "../../../net/nft/keys.ts";
import { base, madeRuleset, madeSet } from "../testing/made.ts";
import { simulateAnswer } from "./answer.ts";
import { simulate } from "./simulate.ts";
import type { Packet } from "./verdict.ts";

const packet = (over: Partial<Packet> = {}): Packet => ({
  protocol: "tcp",
  src: parseIp("10.0.0.5"),
  dst: parseIp("10.0.0.1"),
  dport: 6443,
  ...over,
});
const dport = (n: number): Expr[] => [...protocol("tcp"), ...match(th.dport, portKey(n))];
const sport = (n: number): Expr[] => [...protocol("tcp"), ...match(th.sport, portKey(n))];
const limit: Expr[] = [{ name: "limit", rate: 5, unit: 60, burst: 5, type: 0, flags: 0 }];
const accept = verdict("accept");
const drop = verdict("drop");
const input = (rules: readonly (readonly Expr[])[][], policy: "accept" | "drop" = "drop") =>
  madeRuleset([{ chains: { in: { base: base("input", { policy }), rules } } }]);

test("without chains everything is accepted, and nobody is named", () => {
  expect(simulate(madeRuleset([]), packet())).toMatchObject({ fate: "accepted", path: [], doubts: [] });
});

test("a policy decides what no rule did", () => {
  const v = simulate(input([[dport(22), accept]]), packet());
  expect(v).toMatchObject({ fate: "dropped", by: { chain: "in", text: "policy drop" } });
  expect(v.by?.rule).toBeUndefined();
});

test("an accept in one table does not override a drop in another", () => {
  const ruleset = madeRuleset([
    { name: "a", chains: { in: { base: base("input", { priority: -5 }), rules: [[dport(6443), accept]] } } },
    { name: "b", chains: { in: { base: base("input", { priority: 5 }), rules: [[dport(6443), drop]] } } },
  ]);
  const v = simulate(ruleset, packet());
  expect(v).toMatchObject({ fate: "dropped", by: { table: "b", rule: 1, owner: "person" } });
  expect(v.path.map((p) => [p.table, p.said])).toEqual([
    ["a", "accept"],
    ["b", "drop"],
  ]);
});

test("base chains are asked in the order of their priorities, not of their tables", () => {
  const ruleset = madeRuleset([
    { name: "late", chains: { in: { base: base("input", { priority: 50 }), rules: [[drop]] } } },
    { name: "early", chains: { in: { base: base("input", { priority: -50 }), rules: [[drop]] } } },
  ]);
  expect(simulate(ruleset, packet()).by?.table).toBe("early");
});

test("what may or may not match, and does not matter, leaves no doubt", () => {
  const v = simulate(
    input([
      [limit, [{ name: "log", prefix: "x" }]],
      [dport(6443), accept],
    ]),
    packet(),
  );
  expect(v).toMatchObject({ fate: "accepted", doubts: [] });
  expect(v.outcomes.length).toBe(1);
});

test("what matters and cannot be known makes it unclear, and is named", () => {
  const v = simulate(input([[limit, accept]]), packet());
  expect(v.fate).toBe("unclear");
  expect(v.doubts).toMatchObject([{ what: "a limit of packets in a time", at: { rule: 1 } }]);
  expect(v.outcomes.map((o) => o.fate).sort()).toEqual(["accepted", "dropped"]);
});

test("when both ways end alike the fate is told", () => {
  expect(simulate(input([[limit, drop], [drop]]), packet())).toMatchObject({ fate: "dropped", doubts: [] });
});

test("a source port that is not given can be any; one that is given decides", () => {
  const ruleset = input([[sport(1000), accept]]);
  expect(simulate(ruleset, packet())).toMatchObject({ fate: "unclear", doubts: [{ what: "the source port" }] });
  expect(simulate(ruleset, packet({ sport: 1000 })).fate).toBe("accepted");
  expect(simulate(ruleset, packet({ sport: 1001 })).fate).toBe("dropped");
});

test("an expression that is not known is never guessed through", () => {
  const strange: Expr[] = [{ name: "strange", raw: new Uint8Array(4) }];
  const v = simulate(input([[dport(6443), strange, accept], [accept]], "accept"), packet());
  expect(v).toMatchObject({ fate: "unclear", doubts: [{ what: "expression strange, which is not known here" }] });
  expect(simulate(input([[dport(22), strange, drop], [accept]]), packet()).fate).toBe("accepted");
});

test("jump comes back, goto does not", () => {
  const ruleset = (how: "jump" | "goto") =>
    madeRuleset([
      {
        chains: {
          other: { rules: [[dport(22), accept]] },
          in: { base: base("input", { policy: "drop" }), rules: [[verdict(how, "other")], [accept]] },
        },
      },
    ]);
  expect(simulate(ruleset("jump"), packet()).fate).toBe("accepted");
  expect(simulate(ruleset("goto"), packet()).fate).toBe("dropped");
  expect(simulate(ruleset("goto"), packet({ dport: 22 })).by).toMatchObject({ chain: "other", rule: 1 });
});

test("chains that jump in a circle end", () => {
  const ruleset = madeRuleset([
    {
      chains: {
        a: { rules: [[verdict("jump", "b")]] },
        b: { rules: [[verdict("jump", "a")]] },
        in: { base: base("input"), rules: [[verdict("jump", "a")]] },
      },
    },
  ]);
  expect(simulate(ruleset, packet()).fate).toBe("unclear");
});

test("a changed destination is routed anew, and chains behind see it", () => {
  const ruleset = madeRuleset([
    {
      name: "n",
      chains: {
        pre: {
          base: base("prerouting", { type: "nat", priority: -100 }),
          rules: [[dport(6443), dnat(4, ipKey(parseIp("10.1.0.9")), portKey(80))]],
        },
        forw: {
          base: base("forward", { policy: "drop" }),
          rules: [[match(ip.daddr, ipKey(parseIp("10.1.0.9"))), dport(80), accept]],
        },
      },
    },
  ]);
  const v = simulate(ruleset, packet());
  expect(v).toMatchObject({ fate: "accepted", outcomes: [{ dst: "10.1.0.9", dport: 80, to: { link: "eth1" } }] });
  expect(v.path[0]?.said).toBe("dnat to 10.1.0.9:80");
});

test("where the kernel has no way for it, the kernel is named", () => {
  const v = simulate(madeRuleset([]), packet({ dst: parseIp("10.9.0.1") }));
  expect(v).toMatchObject({ fate: "rejected", by: { owner: "kernel", text: "no route to 10.9.0.1" } });
});

test("sets with ranges, and maps with verdicts", () => {
  const set = madeSet("nets", [4], [{ key: ipKey(parseIp("10.0.0.4")), end: ipKey(parseIp("10.0.0.5")) }]);
  const map = madeSet("ports", [2], [{ key: portKey(22), data: { verdict: "drop" } }, { data: { verdict: "accept" } }]);
  const ruleset = madeRuleset([
    {
      sets: [set, map],
      chains: {
        in: {
          base: base("input", { policy: "drop" }),
          rules: [[inSet([ip.saddr], "nets", true), drop], [vmap([th.dport], "ports")]],
        },
      },
    },
  ]);
  expect(simulate(ruleset, packet()).fate).toBe("accepted");
  expect(simulate(ruleset, packet({ dport: 22 }))).toMatchObject({ fate: "dropped", by: { rule: 2 } });
  expect(simulate(ruleset, packet({ src: parseIp("10.0.0.6") }))).toMatchObject({ fate: "dropped", by: { rule: 1 } });
});

test("ways that part at chance are followed each", () => {
  const random: Expr[] = [{ name: "numgen", dreg: 1, modulus: 2, type: 1, offset: 0 }];
  const toEither = (last: readonly Expr[]) =>
    madeRuleset([
      {
        sets: [
          madeSet(
            "m",
            [4],
            [
              { key: Uint8Array.of(0, 0, 0, 0), data: { verdict: "goto", chain: "a" } },
              { key: Uint8Array.of(1, 0, 0, 0), data: { verdict: "goto", chain: "b" } },
            ],
          ),
        ],
        chains: {
          a: { rules: [[accept]] },
          b: { rules: [[last]] },
          in: {
            base: base("input", { policy: "drop" }),
            rules: [[random, [{ name: "lookup", set: "m", sreg: 1, dreg: 0 }]]],
          },
        },
      },
    ]);
  expect(simulate(toEither(accept), packet()).fate).toBe("accepted");
  expect(simulate(toEither(drop), packet())).toMatchObject({ fate: "unclear", doubts: [{ what: "chance" }] });
});

test("a port of a bridge leads up to the host, or across", () => {
  const ruleset = madeRuleset([
    {
      family: "bridge",
      chains: { forw: { base: base("forward"), rules: [[match(iifname, ifnameKey("port1")), drop]] } },
    },
  ]);
  const from = { src: parseIp("10.2.0.5"), iif: "port1" };
  expect(simulate(ruleset, packet({ ...from, dst: parseIp("10.2.0.6") })).fate).toBe("dropped");
  expect(simulate(ruleset, packet({ ...from, dst: parseIp("10.2.0.1") })).fate).toBe("accepted");
  expect(simulate(ruleset, packet({ ...from, dst: parseIp("10.1.0.6") })).fate).toBe("accepted");
  const anyPort = simulate(ruleset, packet({ src: parseIp("10.2.0.5"), dst: parseIp("10.2.0.6") }));
  expect(anyPort).toMatchObject({ fate: "unclear", doubts: [{ what: "the link it comes in by" }] });
});

test("the answer must be let out as well", () => {
  const out = (rules: readonly (readonly Expr[])[][]) =>
    madeRuleset([{ chains: { out: { base: base("output", { policy: "drop" }), rules } } }]);
  const answerBy = (ruleset: ReturnType<typeof out>) =>
    simulateAnswer(ruleset, packet(), simulate(ruleset, packet()))?.fate;
  expect(answerBy(out([]))).toBe("dropped");
  expect(answerBy(out([[anyBit(ctState, ctStates.established), accept]]))).toBe("accepted");
});

test("addresses of two families are refused", () => {
  expect(() => simulate(madeRuleset([]), packet({ dst: parseIp("fd00::1") }))).toThrow("two of one family");
});
