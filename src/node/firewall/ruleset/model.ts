/**
 * Everything that decides on a host's packets, whoever wrote it and in whatever tool: tables of nf_tables and of legacy
 * iptables side by side. Rules of both are expressions of nf_tables, as iptables-nft has them.
 */
import type { Ip } from "../../../base/ip.ts";
import type { Expr } from "../../../kernel/codec/nft/expressions.ts";
import type { NftFamily } from "../../../kernel/codec/nft/messages.ts";
import type { Verdict } from "../../../net/nft/types.ts";

export type Hook = "ingress" | "prerouting" | "input" | "forward" | "output" | "postrouting" | "egress";

/** What a ruleset is kept in: nf_tables by its own words, by iptables-nft, or the older iptables. */
export type Backend = "nf_tables" | "iptables-nft" | "iptables-legacy";

/** Who made a chain or a rule, told by names; `person` when no program is known to use them. */
export type OwnerName =
  | "firewalld"
  | "ufw"
  | "docker"
  | "podman"
  | "kube-proxy"
  | "kubelet"
  | "cilium"
  | "calico"
  | "flannel"
  | "kube-router"
  | "libvirt"
  | "fail2ban"
  | "tailscale"
  | "cni-plugins"
  | "podwire"
  | "person";

export interface Rule {
  /** Name of the chain that it stands in. */
  readonly chain: string;
  /** Counted from 1, as `iptables -L --line-numbers` does. */
  readonly number: number;
  /** As `nft -a` shows it; legacy iptables has none. */
  readonly handle?: number;
  readonly exprs: readonly Expr[];
  readonly comment?: string;
  readonly owner: OwnerName;
}

/** Where packets come to a chain by themselves. */
export interface Base {
  readonly type: "filter" | "nat" | "route";
  readonly hook: Hook;
  /** Lower goes first. */
  readonly priority: number;
  readonly policy: "accept" | "drop";
  /** Of chains at ingress and egress. */
  readonly devices?: readonly string[];
}

export interface Chain {
  readonly name: string;
  readonly base?: Base;
  readonly rules: readonly Rule[];
  readonly owner: OwnerName;
}

export interface SetElement {
  /** As the kernel keeps it; absent in the element that stands for all others. */
  readonly key?: Uint8Array;
  /** Last of the range, included. */
  readonly end?: Uint8Array;
  readonly data?: Uint8Array | Verdict;
}

/** A set or map. */
export interface SetThere {
  readonly name: string;
  /** Widths in bytes of what is joined in a key; one when nothing is joined. Each takes whole words in it. */
  readonly fields: readonly number[];
  /** Elements are ranges. */
  readonly interval: boolean;
  /** Types as `nft` numbers them, six bits for each of a concatenation. */
  readonly keyType: number;
  readonly elements: readonly SetElement[];
}

export interface Table {
  readonly family: NftFamily;
  readonly name: string;
  readonly backend: Backend;
  readonly chains: ReadonlyMap<string, Chain>;
  readonly sets: ReadonlyMap<string, SetThere>;
}

/** A link, as far as rules can ask for it. */
export interface LinkFacts {
  readonly name: string;
  readonly index: number;
  /** ARPHRD_*. */
  readonly type: number;
  readonly group: number;
  readonly kind?: string;
  /** The bridge, bond or VRF that it belongs to. */
  readonly master?: string;
}

/** What the host does with a packet: keeps it, sends it out, or refuses it. */
export type Way =
  | { readonly to: "local" }
  | { readonly to: "link"; readonly link: string }
  /** `told`: whoever sent it hears of it, by ICMP. */
  | { readonly to: "nowhere"; readonly why: string; readonly told: boolean };

export interface WayQuery {
  readonly dst: Ip;
  readonly src?: Ip;
  /** Link that it came in by; absent for one that the host sends. */
  readonly iif?: string;
  readonly mark?: number;
}

/** The routing of a host, asked as packets ask it. */
export interface Routing {
  way(query: WayQuery): Way;
  /** RTN_*: 1 unicast, 2 local, 3 broadcast, 4 anycast, 5 multicast; on one link when it is given. */
  addressType(ip: Ip, link?: string): number;
  /** The host's own address that a packet to `ip` would bear; undefined without a way. */
  sourceFor(ip: Ip): Ip | undefined;
  /** The link by which a packet from `ip` comes, when it comes the way that answers go; undefined without one. */
  linkTo(ip: Ip): string | undefined;
  /** Addresses of a link, as bytes, in the kernel's order; without those that are of the link alone. */
  addressesOn(link: string, family: 4 | 6): readonly Uint8Array[];
}

/** An ipset, by its number in the kernel. */
export interface IpSet {
  readonly name: string;
  /** `hash:ip` and the like. */
  readonly type: string;
  /** Addresses with prefixes; undefined when its kind is none that we can look into. */
  readonly networks: readonly { readonly ip: Ip; readonly prefix: number; readonly not: boolean }[] | undefined;
}

/** Something that decides on packets, too, and is not walked. */
export interface Beside {
  /** Only for packets that come or leave by it. */
  readonly link?: string;
  readonly what: string;
}

export interface Ruleset {
  /** In the kernel's order; legacy tables last. */
  readonly tables: readonly Table[];
  readonly links: readonly LinkFacts[];
  readonly routing: Routing;
  /** Whether frames that a bridge passes on go through the chains of IPv4 and IPv6 too (br_netfilter). */
  readonly bridgeCalls: { readonly ip: boolean; readonly ip6: boolean };
  readonly ipsets: ReadonlyMap<number, IpSet>;
  readonly beside: readonly Beside[];
}
