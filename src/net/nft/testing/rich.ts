/** A ruleset with something of everything that our changes can say. For tests. */
import { parseIp } from "../../../base/ip.ts";
import { parseMac } from "../../../base/mac.ts";
import {
  addressType,
  anyBit,
  counter,
  ctDirection,
  ctDirections,
  ctState,
  ctStates,
  ctStatus,
  ctStatusField,
  dnat,
  dnatTo,
  ether,
  fibDaddrType,
  iifname,
  inSet,
  ip,
  ip6,
  l4proto,
  mark,
  masquerade,
  match,
  matchMasked,
  matchPrefix,
  nfproto,
  oifname,
  protocol,
  rule,
  setMarkBits,
  th,
  verdict,
  vmap,
} from "../build.ts";
import { ifnameKey, ipKey, macKey, portKey, protocolKey, wordKey } from "../keys.ts";
import type { NftChange, NftSet, Rule, Table } from "../types.ts";

const inet: Table = { family: "inet", name: "rich" };
const bridge: Table = { family: "bridge", name: "rich" };

export const pods: NftSet = { name: "pods", key: ["ipv4_addr"], data: "verdict" };
export const subnets: NftSet = { name: "subnets", key: ["ipv4_addr"], interval: true };
export const pairs: NftSet = { name: "pairs", key: ["ipv4_addr", "ipv4_addr"], interval: true };
export const ports: NftSet = {
  name: "ports",
  key: ["inet_proto", "inet_service"],
  data: ["ipv4_addr", "inet_service"],
};
export const ports6: NftSet = {
  name: "ports6",
  key: ["ipv6_addr", "inet_proto", "inet_service"],
  data: ["ipv6_addr", "inet_service"],
};
export const macs: NftSet = { name: "macs", key: ["ifname", "ether_addr"] };
export const soon: NftSet = { name: "soon", key: ["mark"], timeout: true };

const a = (text: string): Uint8Array => ipKey(parseIp(text));

const to = (chain: string, ...rules: readonly Rule[]): NftChange[] =>
  rules.map((r) => ({ do: "rule.add", table: inet, chain, rule: r }));

export const richTable = inet;
export const richChanges: readonly NftChange[] = [
  { do: "table.add", table: inet, exclusive: true },
  { do: "chain.add", table: inet, chain: { name: "net1" } },
  { do: "chain.add", table: inet, chain: { name: "post", base: { type: "nat", hook: "postrouting", priority: 90 } } },
  { do: "chain.add", table: inet, chain: { name: "pre", base: { type: "nat", hook: "prerouting", priority: -110 } } },
  {
    do: "chain.add",
    table: inet,
    chain: { name: "fw", base: { type: "filter", hook: "forward", priority: 5, policy: "drop" } },
  },
  ...[pods, subnets, pairs, ports, ports6, soon].map((set): NftChange => ({ do: "set.add", table: inet, set })),
  {
    do: "element.add",
    table: inet,
    set: pods,
    elements: [{ key: [a("10.1.0.5")], comment: "podwire n/c/eth0", data: { verdict: "jump", chain: "net1" } }],
  },
  {
    do: "element.add",
    table: inet,
    set: subnets,
    elements: [
      { key: [a("10.1.0.0")], end: [a("10.1.255.255")] },
      { key: [a("224.0.0.0")], end: [a("239.255.255.255")] },
      { key: [a("192.0.2.3")], end: [a("192.0.2.9")] },
    ],
  },
  {
    do: "element.add",
    table: inet,
    set: pairs,
    elements: [{ key: [a("10.1.0.5"), a("10.1.0.0")], end: [a("10.1.0.5"), a("10.1.255.255")] }],
  },
  {
    do: "element.add",
    table: inet,
    set: ports,
    elements: [{ key: [protocolKey("tcp"), portKey(8080)], data: [a("10.1.0.5"), portKey(80)] }],
  },
  {
    do: "element.add",
    table: inet,
    set: ports6,
    elements: [{ key: [a("fd00::1"), protocolKey("udp"), portKey(53)], data: [a("fd00::5"), portKey(5353)] }],
  },
  ...to(
    "net1",
    rule([nfproto(4), inSet([ip.daddr], "subnets"), verdict("return")]),
    rule([nfproto(4), inSet([ip.saddr, ip.daddr], "pairs", true), verdict("return")]),
    rule([counter(), masquerade()], "outside"),
  ),
  ...to("post", rule([nfproto(4), vmap([ip.saddr], "pods")])),
  ...to(
    "pre",
    rule([match(fibDaddrType, wordKey(addressType.local)), nfproto(4), dnatTo(4, [l4proto, th.dport], "ports")]),
    rule([nfproto(6), dnatTo(6, [ip6.daddr, l4proto, th.dport], "ports6")]),
    rule([nfproto(4), protocol("tcp"), match(th.dport, portKey(443)), dnat(4, a("10.1.0.6"), portKey(8443))]),
  ),
  ...to(
    "fw",
    rule([anyBit(ctState, ctStates.established | ctStates.related), verdict("accept")]),
    rule([match(iifname, ifnameKey("cni0")), match(oifname, ifnameKey("cni0"), "neq"), verdict("drop")]),
    rule([matchMasked(mark, wordKey(0x2000), wordKey(0x2000)), verdict("accept")]),
    rule([setMarkBits(0x2000)]),
    rule([nfproto(4), matchPrefix(ip.saddr, a("10.1.128.0"), 17), verdict("accept")]),
    rule([nfproto(6), matchPrefix(ip6.daddr, a("fd00::"), 9, "neq"), verdict("drop")]),
    rule([
      match(ctDirection, Uint8Array.of(ctDirections.reply)),
      anyBit(ctStatusField, ctStatus.snat),
      verdict("accept"),
    ]),
  ),
  { do: "table.add", table: bridge },
  {
    do: "chain.add",
    table: bridge,
    chain: { name: "in", base: { type: "filter", hook: "prerouting", priority: -300 } },
  },
  { do: "set.add", table: bridge, set: macs },
  {
    do: "element.add",
    table: bridge,
    set: macs,
    elements: [{ key: [ifnameKey("veth0"), macKey(parseMac("02:00:00:00:00:01"))] }],
  },
  {
    do: "rule.add",
    table: bridge,
    chain: "in",
    rule: rule([inSet([iifname, ether.saddr], "macs", true), verdict("drop")]),
  },
];
