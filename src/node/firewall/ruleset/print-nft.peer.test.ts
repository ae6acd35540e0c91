/** Rules of nf_tables as we print them: what `nft` makes of our words is what it has made of its own. */
import { expect, test } from "bun:test";
import { withNetns } from "../../../kernel/testing/netns.ts";
import { openKernel } from "../../../net/kernel.ts";
import { textOf } from "./print.ts";
import { readRuleset } from "./read.ts";

const rules = [
  "tcp dport 22 reject with tcp reset",
  "reject with icmpx admin-prohibited",
  "reject",
  "tcp dport 22-24 accept",
  "udp dport != 53 drop",
  "ip saddr 10.0.0.0/29 tcp dport { 22, 80-90 } accept",
  "ip saddr != 10.0.0.0-10.0.0.6 accept",
  "ip6 saddr fd00::/64 accept",
  'iifname { "lo", "eth0" } accept',
  'iifname "eth*" drop',
  "icmpv6 type { 133, 135 } accept",
  "ct state { established, related } accept",
  "ct state vmap { established : accept, invalid : drop }",
  "ct state established,related accept",
  "ct status dnat accept",
  "fib saddr . iif oif missing drop",
  "fib daddr type local accept",
  "meta skuid 0 accept",
  "numgen random mod 2 vmap { 0 : accept, 1 : drop }",
  "meta mark 0x00000011 accept",
  "ip saddr . tcp dport { 10.0.0.5 . 22, 10.0.0.6 . 80 } accept",
  "limit rate 5/minute counter accept",
  'log prefix "in: " drop',
];

const chain = (lines: readonly string[]): string =>
  `table inet t { chain in { type filter hook input priority 0; policy accept;\n${lines.join("\n")}\n}\n}`;

test("nft reads our words as it reads its own", () =>
  withNetns((typed) =>
    withNetns((ours) => {
      typed.sh(`nft -f - <<'END'\n${chain(rules)}\nEND`);
      using kernel = openKernel();
      const ruleset = readRuleset(kernel.open(typed.path));
      const table = ruleset.tables[0]!;
      const lines = [...table.chains.values()].flatMap((c) => c.rules.map((r) => textOf(ruleset, table, r)));
      ours.sh(`nft -f - <<'END'\n${chain(lines)}\nEND`);
      expect(ours.sh("nft -s list ruleset")).toBe(typed.sh("nft -s list ruleset"));
    }),
  ));
