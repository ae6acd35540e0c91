/** The nouns of nf_tables, in `nft`'s words: tables, chains, sets and maps, their elements, rules. Values only. */
import type { VerdictName } from "../../kernel/codec/nft/data.ts";
import type { Expr } from "../../kernel/codec/nft/expressions.ts";
import type { NftFamily } from "../../kernel/codec/nft/messages.ts";

export interface Table {
  readonly family: NftFamily;
  readonly name: string;
}

export const hookNames = ["prerouting", "input", "forward", "output", "postrouting"] as const;
export type HookName = (typeof hookNames)[number] | "ingress" | "egress";

/** What makes a chain one that packets come to by themselves. */
export interface BaseChain {
  readonly type: "filter" | "nat" | "route";
  readonly hook: HookName;
  /** Lower goes first; -300 raw, -200 conntrack, -150 mangle, -100 dstnat, 0 filter, 100 srcnat. */
  readonly priority: number;
  /** What becomes of a packet that no rule decides on; accept unless given. */
  readonly policy?: "accept" | "drop";
  /** Of a netdev chain. */
  readonly devices?: readonly string[];
}

export interface Chain {
  readonly name: string;
  readonly base?: BaseChain;
}

/** Types of keys and data: `nft`'s names. */
export type KeyType =
  | "ipv4_addr"
  | "ipv6_addr"
  | "ether_addr"
  | "inet_proto"
  | "inet_service"
  | "mark"
  | "ifname"
  | "iface_index";

export interface NftSet {
  readonly name: string;
  /** More than one is a concatenation. */
  readonly key: readonly KeyType[];
  /** There in a map. */
  readonly data?: readonly KeyType[] | "verdict";
  /** Elements are ranges. */
  readonly interval?: boolean;
  /** Elements may go by themselves. */
  readonly timeout?: boolean;
  /** Rules may add elements. */
  readonly dynamic?: boolean;
}

export interface Verdict {
  readonly verdict: VerdictName;
  /** Of jump and goto. */
  readonly chain?: string;
}

/** Fields as bytes in the order of the set's types, unpadded. `keys.ts` makes them. */
export type Fields = readonly Uint8Array[];

export interface Element {
  readonly key: Fields;
  /** Last of the range, in a set with `interval`; the same as `key` unless given. */
  readonly end?: Fields;
  readonly data?: Fields | Verdict;
  /** At most 127 bytes. */
  readonly comment?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

export interface Rule {
  readonly exprs: readonly Expr[];
  readonly comment?: string;
}

/** A rule of the kernel's. */
export interface RuleThere extends Rule {
  readonly chain: string;
  readonly handle: number;
}

export const isVerdict = (data: Fields | Verdict): data is Verdict => "verdict" in data;

/** One change. A list of them is a transaction: all happen, or none. */
export type NftChange =
  /** `exclusive`: fails when it is there; otherwise one that is there will do. */
  | { readonly do: "table.add"; readonly table: Table; readonly exclusive?: boolean }
  | { readonly do: "table.del"; readonly table: Table }
  | { readonly do: "chain.add"; readonly table: Table; readonly chain: Chain; readonly exclusive?: boolean }
  | { readonly do: "chain.flush"; readonly table: Table; readonly chain: string }
  | { readonly do: "chain.del"; readonly table: Table; readonly chain: string }
  | { readonly do: "set.add"; readonly table: Table; readonly set: NftSet; readonly exclusive?: boolean }
  | { readonly do: "set.flush"; readonly table: Table; readonly set: string }
  | { readonly do: "set.del"; readonly table: Table; readonly set: string }
  | {
      readonly do: "element.add";
      readonly table: Table;
      readonly set: NftSet;
      readonly elements: readonly Element[];
      readonly exclusive?: boolean;
    }
  | { readonly do: "element.del"; readonly table: Table; readonly set: NftSet; readonly elements: readonly Element[] }
  /** Behind the rule with the handle `after`, or at the end. */
  | {
      readonly do: "rule.add";
      readonly table: Table;
      readonly chain: string;
      readonly rule: Rule;
      readonly after?: number;
    }
  | { readonly do: "rule.insert"; readonly table: Table; readonly chain: string; readonly rule: Rule }
  | { readonly do: "rule.del"; readonly table: Table; readonly chain: string; readonly handle: number };
