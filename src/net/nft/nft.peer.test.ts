/** What we say to nf_tables, read back by `nft`, and the other way round. */
import { expect, test } from "bun:test";
import { parseIp } from "../../base/ip.ts";
import { withNetns } from "../../kernel/testing/netns.ts";
import { run } from "../../kernel/testing/run.ts";
import { apply } from "../apply.ts";
import { openKernel } from "../kernel.ts";
import { render } from "../plan/render.ts";
import { counter, rule, verdict } from "./build.ts";
import { findElement, listElements, someElement } from "./elements.ts";
import { ipKey } from "./keys.ts";
import { findChain, listChains, listRules, listSets, listTables } from "./read.ts";
import { renderChanges } from "./render-change.ts";
import { renderRule } from "./render-rule.ts";
import { macs, pairs, pods, ports, ports6, richChanges, richTable, soon, subnets } from "./testing/rich.ts";
import { transact } from "./transact.ts";
import type { NftChange } from "./types.ts";

const ruleset = (ns: { sh(script: string): string }): string => ns.sh("nft -s list ruleset");

test("changes make what nft makes of their lines", () =>
  withNetns((ours) =>
    withNetns((typed) => {
      using kernel = openKernel();
      transact(kernel.open(ours.path), richChanges);
      typed.sh(renderChanges(richChanges));
      expect(ruleset(ours)).toContain("masquerade comment");
      expect(ruleset(ours)).toBe(ruleset(typed));
      const json = (ns: typeof ours): unknown => JSON.parse(ns.sh("nft -s -j list ruleset"));
      expect(json(ours)).toEqual(json(typed));
    }),
  ));

test("what is read of a ruleset is what was put there", () =>
  withNetns((ns) => {
    using kernel = openKernel();
    const door = kernel.open(ns.path);
    transact(door, richChanges);
    expect(listTables(door)).toEqual([richTable, { family: "bridge", name: "rich" }]);
    const added = <K extends NftChange["do"]>(what: K) =>
      richChanges.filter((c): c is NftChange & { do: K } => c.do === what && c.table.family === "inet");
    const chains = added("chain.add").map((c) => c.chain);
    expect(listChains(door, richTable)).toEqual(
      chains.map(({ name, base }) => ({ name, ...(base && { base: { policy: "accept", ...base } }) })),
    );
    const rules = listRules(door, richTable);
    expect(rules.map(({ chain, comment }) => [chain, comment])).toEqual(
      added("rule.add").map((c) => [c.chain, c.rule.comment]),
    );
    expect(rules.map((r) => renderRule(r))).toEqual(added("rule.add").map((c) => renderRule(c.rule)));
    expect(listSets(door, richTable).map((s) => s.name)).toEqual(added("set.add").map((c) => c.set.name));
    for (const set of [pods, subnets, pairs, ports, ports6]) {
      const want = added("element.add").find((c) => c.set === set)!.elements;
      const seen = listElements(door, richTable, set)!;
      expect(seen.length).toBe(want.length);
      for (const e of want) expect(seen).toContainEqual(e);
    }
    expect(findElement(door, richTable, pods, added("element.add")[0]!.elements[0]!.key)).toMatchObject({
      comment: "podwire n/c/eth0",
      data: { verdict: "jump", chain: "net1" },
    });
    expect(listElements(door, { family: "bridge", name: "rich" }, macs)?.length).toBe(1);
    expect(listElements(door, { family: "bridge", name: "none" }, macs)).toBeUndefined();
    expect(findChain(door, richTable, "net1")).toEqual({ name: "net1" });
    expect(findChain(door, richTable, "none")).toBeUndefined();
    expect(findChain(door, { family: "inet", name: "none" }, "net1")).toBeUndefined();
    expect(someElement(door, richTable, pods)).toBe(true);
    expect(someElement(door, richTable, pods, (e) => e.comment === "podwire n/c/eth0")).toBe(true);
    expect(someElement(door, richTable, pods, (e) => e.comment === undefined)).toBe(false);
    expect(someElement(door, richTable, soon)).toBe(false);
    expect(someElement(door, richTable, { ...pods, name: "none" })).toBe(false);
  }));

test("a change that is refused takes all others with it, and is named with nft's line", () =>
  withNetns((ns) => {
    using kernel = openKernel();
    const door = kernel.open(ns.path);
    transact(door, richChanges);
    const before = ruleset(ns);
    expect(() =>
      transact(door, [
        { do: "chain.add", table: richTable, chain: { name: "more" } },
        { do: "chain.del", table: richTable, chain: "net1" },
      ]),
    ).toThrow("delete chain inet rich net1: EBUSY");
    expect(() =>
      transact(door, [{ do: "chain.add", table: richTable, chain: { name: "more" } }], { generation: 999 }),
    ).toThrow("ERESTART");
    expect(ruleset(ns)).toBe(before);
  }));

test("ten thousand elements go in and out in one transaction each", () =>
  withNetns((ns) => {
    using kernel = openKernel();
    const door = kernel.open(ns.path);
    const set = { ...ports, name: "many" };
    const key = (i: number) => [Uint8Array.of(6), Uint8Array.of(i >> 8, i & 255)];
    const elements = Array.from({ length: 10_000 }, (_, i) => ({
      key: key(i),
      data: [Uint8Array.of(10, 0, 0, 1), Uint8Array.of(0, 80)],
      comment: "podwire some-network/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/eth0",
    }));
    transact(door, [
      { do: "table.add", table: richTable },
      { do: "set.add", table: richTable, set },
      { do: "element.add", table: richTable, set, elements },
    ]);
    expect(listElements(door, richTable, set)?.length).toBe(10_000);
    transact(door, [{ do: "element.del", table: richTable, set, elements }]);
    expect(listElements(door, richTable, set)).toEqual([]);
  }));

test("a step is typed as one line, and taken back exactly", () =>
  withNetns((ours) =>
    withNetns((typed) => {
      using kernel = openKernel();
      const empty = ruleset(ours);
      const build = apply(kernel, [{ do: "nft", in: ours.path, changes: richChanges.slice(0, -5) }]);
      typed.sh(renderChanges(richChanges.slice(0, -5)));
      const before = ruleset(ours);
      const door = kernel.open(ours.path);
      const handle = (n: number): number => listRules(door, richTable, "fw")[n]!.handle;
      const table = richTable;
      const element = { key: [ipKey(parseIp("10.1.0.9"))], data: { verdict: "accept" } } as const;
      const there = { key: [ipKey(parseIp("10.1.0.5"))] };
      const changes = (): NftChange[] => [
        { do: "chain.add", table, chain: { name: "more" }, exclusive: true },
        { do: "set.add", table, set: { name: "other", key: ["mark"] }, exclusive: true },
        { do: "element.add", table, set: pods, elements: [element] },
        { do: "element.del", table, set: pods, elements: [there] },
        { do: "rule.insert", table, chain: "fw", rule: rule([counter(), verdict("drop")]) },
        { do: "rule.add", table, chain: "more", rule: rule([verdict("accept")], "it's quoted") },
        { do: "rule.del", table, chain: "fw", handle: handle(0) },
        { do: "rule.del", table, chain: "fw", handle: handle(2) },
        { do: "rule.del", table, chain: "fw", handle: handle(5) },
      ];
      const step = { do: "nft", in: ours.path, changes: changes() } as const;
      const way = apply(kernel, [step]);
      run(["sh", "-ec", render({ ...step, in: typed.path })]);
      expect(ruleset(ours)).not.toBe(before);
      expect(ruleset(ours)).toBe(ruleset(typed));
      expect(way.undo()).toEqual([]);
      expect(ruleset(ours)).toBe(before);
      expect(build.undo()).toEqual([]);
      expect(ruleset(ours)).toBe(empty);
    }),
  ));
