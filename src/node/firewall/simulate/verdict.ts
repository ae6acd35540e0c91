/** What is asked of the simulation, and what it answers. */
import type { Ip } from "../../../base/ip.ts";
import type { NftFamily } from "../../../kernel/codec/nft/messages.ts";
import type { Backend, Hook, OwnerName } from "../ruleset/model.ts";

/** The first packet of a connection. What is not given can be anything. */
export interface Packet {
  /** `icmp` is an echo request, of the family of the addresses. */
  readonly protocol: "tcp" | "udp" | "sctp" | "icmp";
  readonly src: Ip;
  readonly dst: Ip;
  readonly sport?: number;
  /** Of all but `icmp`. */
  readonly dport?: number;
  /** The link that it comes in by; absent when this host sends it. A bridge's port for what comes through a bridge. */
  readonly iif?: string;
  /** `new` unless given; `established` is a later packet of a connection that was let in. */
  readonly state?: "new" | "established";
  /**
   * It goes the other way than the connection's first packet: `dnat` when that one's destination was changed, `to` who it
   * came from, when its source was changed and `dst` is what it was changed to.
   */
  readonly answer?: { readonly dnat: boolean; readonly to?: Ip };
}

export type Fate = "accepted" | "dropped" | "rejected" | "unclear";

/** What decided: a rule, the policy of a base chain, or the host's routing when there is no chain. */
export interface Decider {
  readonly owner: OwnerName | "kernel";
  readonly backend?: Backend;
  readonly family?: NftFamily;
  readonly table?: string;
  readonly chain?: string;
  /** Number of the rule in its chain, from 1; absent when it was the policy. */
  readonly rule?: number;
  readonly handle?: number;
  /** The rule as its owner would print it; or `policy drop`; or why routing ended it. */
  readonly text: string;
}

/** A base chain that the packet went through. */
export interface Passage {
  readonly hook: Hook;
  readonly family: NftFamily;
  readonly table: string;
  readonly chain: string;
  readonly priority: number;
  readonly backend: Backend;
  /** `accept`, `drop`, `reject`, `policy accept`, `policy drop`, or what it did to addresses. */
  readonly said: string;
  /** The rule that said it. */
  readonly by?: Decider;
}

/** Something that only the kernel, at that moment, can know. */
export interface Doubt {
  /** In words: `limit`, `the source port`, `expression foo`. */
  readonly what: string;
  readonly at: Decider;
}

/** One way that it can go. */
export interface Outcome {
  readonly fate: Fate;
  /** Absent when it was accepted: nobody objected. */
  readonly by?: Decider;
  readonly path: readonly Passage[];
  /** What had to be so for it to go this way. */
  readonly doubts: readonly Doubt[];
  /** Where it ended: a process of this host's, or out by a link. */
  readonly to?: { readonly local: true } | { readonly link: string };
  /** Addresses as they were at the end, after NAT; absent where they cannot be known. */
  readonly src?: Ip;
  readonly dst?: Ip;
  readonly dport?: number;
}

export interface Verdict {
  /** What happens to the packet; `unclear` when ways that are possible end differently. */
  readonly fate: Fate;
  /** The rule or policy that ended it; for one that was accepted, the last that accepted it, if any. */
  readonly by?: Decider;
  /** Base chains in the order in which it met them. */
  readonly path: readonly Passage[];
  /** What it depends on, when it is unclear. */
  readonly doubts: readonly Doubt[];
  /** All ways that it can go; one when nothing is in doubt. */
  readonly outcomes: readonly Outcome[];
}
