/**
 * The table that knows the pods. A packet on its way through the host that a pod has sent, or that answers one, gets a bit
 * of its mark set before any other filter looks at it, and taken off after the last: chains of others let that bit pass
 * by one rule, however many pods there are.
 */

import type { BaseOfTable } from "../../../net/nft/base.ts";
import {
  anyBit,
  ctState,
  ctStates,
  type Field,
  iifname,
  inSet,
  ip,
  ip6,
  nfproto,
  oifname,
  rule,
  setMarkBits,
  unsetMarkBits,
  verdict,
} from "../../../net/nft/build.ts";
import type { KeyType, NftSet, Rule, Table } from "../../../net/nft/types.ts";

export const table: Table = { family: "inet", name: "podwire_firewall" };

/** None that kube-proxy, portmap, Calico or Cilium use. */
export const markBits = 1 << 12;

export const pods4: NftSet = { name: "pods4", key: ["ipv4_addr"] };
export const pods6: NftSet = { name: "pods6", key: ["ipv6_addr"] };

const users = (name: string, address: KeyType): NftSet => ({ name, key: [address, "ifname"] });
/** Pods with a policy, and the bridge it is about: what is guarded follows from them. */
export const policyUsers = {
  "same-bridge": { 4: users("same_bridge4", "ipv4_addr"), 6: users("same_bridge6", "ipv6_addr") },
  isolated: { 4: users("isolated4", "ipv4_addr"), 6: users("isolated6", "ipv6_addr") },
} as const;

export const policySets: readonly NftSet[] = Object.values(policyUsers).flatMap((of) => [of[4], of[6]]);

/** Bridges between which nothing passes; each with itself, since a bridge is no other than itself. */
export const guarded: NftSet = { name: "guarded", key: ["ifname"] };
export const itself: NftSet = { name: "itself", key: ["ifname", "ifname"] };

/** Sets whose elements have an owner: with the last of these the table goes. */
export const ownedSets: readonly NftSet[] = [pods4, pods6, ...policySets];

/** Before all filters of others, which are at 0 and about; after them. */
const BEFORE = -10;
const AFTER = 1000;

const ofPod = (family: 4 | 6, source: Field, target: Field, set: string): Rule[] => [
  rule([nfproto(family), inSet([source], set), setMarkBits(markBits)]),
  rule([
    nfproto(family),
    anyBit(ctState, ctStates.established | ctStates.related),
    inSet([target], set),
    setMarkBits(markBits),
  ]),
];

/** To an isolated pod from its own bridge, and the other way: what is routed there, and what br_netfilter shows of it. */
const withinBridge = (family: 4 | 6, source: Field, target: Field): Rule[] => {
  const { name } = policyUsers.isolated[family];
  return [
    rule([nfproto(family), inSet([target, iifname], name), verdict("drop")]),
    rule([nfproto(family), inSet([source, oifname], name), verdict("drop")]),
  ];
};

export const base: BaseOfTable = {
  table,
  sets: [...ownedSets, guarded, itself],
  chains: [
    {
      name: "forward",
      base: { type: "filter", hook: "forward", priority: BEFORE },
      rules: [
        rule([
          inSet([iifname], "guarded"),
          inSet([oifname], "guarded"),
          inSet([iifname, oifname], "itself", true),
          verdict("drop"),
        ]),
        ...withinBridge(4, ip.saddr, ip.daddr),
        ...withinBridge(6, ip6.saddr, ip6.daddr),
        ...ofPod(4, ip.saddr, ip.daddr, "pods4"),
        ...ofPod(6, ip6.saddr, ip6.daddr, "pods6"),
      ],
    },
    {
      name: "forward_after",
      base: { type: "filter", hook: "forward", priority: AFTER },
      rules: [rule([unsetMarkBits(markBits)])],
    },
  ],
};

/** To see whether anybody is left. */
export const owned: BaseOfTable = { ...base, sets: ownedSets };
