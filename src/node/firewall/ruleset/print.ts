/** A rule as its owner would print it. */
import { otherWords } from "../../../net/nft/render-other.ts";
import { renderRule } from "../../../net/nft/render-rule.ts";
import type { Rule, Ruleset, Table } from "./model.ts";
import { iptablesText } from "./print-iptables.ts";
import { withSets } from "./print-sets.ts";

/** As `nft` shortens it: what a port's protocol or an address's family says twice is said once. */
const shorter: readonly (readonly [RegExp, string])[] = [
  [/(\S+ \S+) >= (\S+) \1 <= (\S+)/g, "$1 $2-$3"],
  [/meta l4proto (tcp|udp|sctp|dccp) th (sport|dport)/g, "$1 $2"],
  [/meta l4proto tcp tcp flags/g, "tcp flags"],
  [/meta nfproto ipv4 ip (saddr|daddr|protocol)/g, "ip $1"],
  [/meta nfproto ipv6 ip6 (saddr|daddr)/g, "ip6 $1"],
  [/meta l4proto (icmp|icmpv6) @th,0,8 /g, "$1 type "],
  [/oif exists 0x00|oif exists 0/g, "oif missing"],
  [/counter packets \d+ bytes \d+/g, "counter"],
];

const nftText = (table: Table, rule: Rule): string =>
  shorter.reduce((text, [long, short]) => text.replace(long, short), withSets(table, renderRule(rule, otherWords)));

/** Of iptables its `-A CHAIN ...`; of nf_tables the statement that `nft` shows, without figures of counters. */
export const textOf = (ruleset: Pick<Ruleset, "ipsets">, table: Table, rule: Rule): string =>
  table.backend === "nf_tables" || (table.family !== "ip" && table.family !== "ip6")
    ? nftText(table, rule)
    : iptablesText(table, rule, ruleset.ipsets);
