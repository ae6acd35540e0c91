/** A table of the older iptables, from the bytes that the kernel gave to chains and lines. */
import { expect, test } from "bun:test";
import { readEntries } from "../../../kernel/codec/xtables/table.ts";
import { legacyFilter } from "../../../kernel/codec/xtables/testing/legacy-filter.ts";
import { buildTable } from "./build.ts";
import { legacyTable } from "./legacy-rules.ts";
import { textOf } from "./print.ts";

test("entries become chains with policies, and rules in iptables' words", () => {
  const { info, entries } = legacyFilter;
  const table = buildTable(legacyTable("filter", 4, info, readEntries(entries, 4)));
  expect([...table.chains.values()].map((c) => [c.name, c.base?.hook, c.base?.priority, c.base?.policy])).toEqual([
    ["INPUT", "input", 0, "drop"],
    ["FORWARD", "forward", 0, "accept"],
    ["OUTPUT", "output", 0, "accept"],
    ["mine", undefined, undefined, undefined],
    ["mine2", undefined, undefined, undefined],
  ]);
  const lines = [...table.chains.values()].flatMap((c) => c.rules.map((r) => textOf({ ipsets: new Map() }, table, r)));
  expect(lines).toEqual(["-A INPUT ! -s 10.0.0.0/8 -i up+ -p tcp -m tcp --dport 22:80 -j mine", "-A mine -g mine2"]);
});
