/**
 * The table of host ports. A mapping is an element: a packet to one of this host's addresses costs two look-ups, however
 * many ports are mapped. Whether its sender's address has to change is asked once it is known to be ours, by the pod.
 */
import { type Cidr, cidrFamily, networkOf } from "../../../base/cidr.ts";
import { type Ip, ipBytes, parseIp } from "../../../base/ip.ts";
import type { Expr } from "../../../kernel/codec/nft/expressions.ts";
import type { BaseOfTable } from "../../../net/nft/base.ts";
import {
  addressType,
  anyBit,
  ctDirection,
  ctDirections,
  ctStatus,
  ctStatusField,
  dnatTo,
  fibDaddrType,
  iifname,
  ip,
  ip6,
  l4proto,
  mark,
  masquerade,
  match,
  matchMasked,
  matchPrefix,
  nfproto,
  rule,
  setMarkBits,
  th,
  unsetMarkBits,
  verdict,
  vmap,
} from "../../../net/nft/build.ts";
import { ifnameKey, wordKey } from "../../../net/nft/keys.ts";
import type { Chain, NftSet, Rule, Table } from "../../../net/nft/types.ts";
import { hash } from "../../mark.ts";
import { exprsOf, textOf } from "./conditions.ts";
import type { PortmapConfig } from "./parse.ts";

const plainName = "podwire_portmap";

/** Mappings under conditions have a table for each set of them, so that they cost others nothing. */
export const tableFor = ({ conditions }: Pick<PortmapConfig, "conditions">): Table => {
  const text = `${textOf(conditions[4])}; ${textOf(conditions[6])}`;
  return { family: "inet", name: text === "; " ? plainName : `${plainName}_${hash(text).slice(0, 8)}` };
};
export const isOurTable = ({ family, name }: Table): boolean =>
  family === "inet" && (name === plainName || name.startsWith(`${plainName}_`));

const target4 = ["ipv4_addr", "inet_service"] as const;
const target6 = ["ipv6_addr", "inet_service"] as const;
/** At every address of this host; at one. */
export const any4: NftSet = { name: "any4", key: ["inet_proto", "inet_service"], data: target4 };
export const any6: NftSet = { name: "any6", key: ["inet_proto", "inet_service"], data: target6 };
export const at4: NftSet = { name: "at4", key: ["ipv4_addr", "inet_proto", "inet_service"], data: target4 };
export const at6: NftSet = { name: "at6", key: ["ipv6_addr", "inet_proto", "inet_service"], data: target6 };
/** Pods that ports lead to, and what becomes of the sender's address. */
export const pods4: NftSet = { name: "pods4", key: ["ipv4_addr"], data: "verdict" };
export const pods6: NftSet = { name: "pods6", key: ["ipv6_addr"], data: "verdict" };

/**
 * Right behind NF_IP_PRI_NAT_DST and _SRC: of two chains with one priority the newer goes first, and this table comes and
 * goes with pods. So kube-proxy's services always go before host ports.
 */
const DSTNAT = -99;
const SRCNAT = 101;
/** Before the filters of others. */
const FIRST = -300;

/** What the fixed rules depend on. */
export type TableConfig = Pick<PortmapConfig, "markBit" | "conditions">;

type Filled = Chain & { readonly rules: readonly Rule[] };

const prefix = "within_";
export const everybody = "everybody";
/** Nobody's address changes. */
export const keep = "keep";
/** The chain for senders of the pod's own subnet. */
export const within = (a: Cidr): string => `${prefix}${networkOf(a).replaceAll(":", "-")}/${a.prefix}`;

const loopback4: Cidr = { ip: parseIp("127.0.0.0"), prefix: 8 };

const withinChain = (a: Cidr, bits: number): Filled => {
  const family = cidrFamily(a);
  const field = family === 4 ? ip.saddr : ip6.saddr;
  const from = (c: Cidr) => rule([nfproto(family), matchPrefix(field, ipBytes(networkOf(c)), c.prefix), masquerade()]);
  return { name: within(a), rules: [rule([unsetMarkBits(bits)]), from(a), ...(family === 4 ? [from(loopback4)] : [])] };
};

/** What another than this host sends to a loopback address; what most packets are not is asked first. */
const toLoopback = (act: readonly Expr[]): Rule =>
  rule([
    nfproto(4),
    matchPrefix(ip.daddr, ipBytes(loopback4.ip), loopback4.prefix),
    match(iifname, ifnameKey("lo"), "neq"),
    act,
  ]);

/**
 * `route_localnet` lets packets to loopback addresses in: only a local process may send to those, and only the answers of
 * pods may come to it from elsewhere. Asked where packets are delivered to this host, so that those to and from pods do not
 * pay for it; what would be led to a pod is dropped before (`arrives`), once for a connection.
 */
const guardLoopback: readonly Filled[] = [
  {
    name: "to_loopback",
    rules: [
      rule([
        match(ctDirection, Uint8Array.of(ctDirections.reply)),
        anyBit(ctStatusField, ctStatus.snat),
        verdict("return"),
      ]),
      // Also what conntrack does not know, which has no direction.
      rule([verdict("drop")]),
    ],
  },
  {
    name: "loopback",
    base: { type: "filter", hook: "input", priority: FIRST },
    rules: [toLoopback(verdict("goto", "to_loopback"))],
  },
];

// A local process, and everybody else. No packet that only passes through has an address of ours.
const local = (hook: "prerouting" | "output", { conditions }: TableConfig): Filled => {
  const isLocal = match(fibDaddrType, wordKey(addressType.local));
  const jump = verdict("jump", "hostports");
  const under = (family: 4 | 6) => rule([nfproto(family), exprsOf(family, conditions[family]), isLocal, jump]);
  const arrives = hook === "prerouting" ? [toLoopback(verdict("drop"))] : [];
  const isPlain = conditions[4].length + conditions[6].length === 0;
  return {
    name: hook,
    base: { type: "nat", hook, priority: DSTNAT },
    rules: [...arrives, ...(isPlain ? [rule([isLocal, jump])] : [under(4), under(6)])],
  };
};

const bitsOf = (c: TableConfig): number => (1 << c.markBit) >>> 0;

const chains = (c: TableConfig): Filled[] => {
  const bits = bitsOf(c);
  const mapped = [l4proto, th.dport] as const;
  return [
    ...guardLoopback,
    {
      name: "lead",
      rules: [
        rule([nfproto(4), dnatTo(4, [ip.daddr, ...mapped], "at4")]),
        rule([nfproto(4), dnatTo(4, mapped, "any4")]),
        rule([nfproto(6), dnatTo(6, [ip6.daddr, ...mapped], "at6")]),
        rule([nfproto(6), dnatTo(6, mapped, "any6")]),
      ],
    },
    {
      name: "hostports",
      rules: [
        // Somebody else's: it is left as it is.
        rule([matchMasked(mark, wordKey(bits), wordKey(bits)), verdict("goto", "lead")]),
        rule([setMarkBits(bits)]),
        // What is led to a pod does not come back from there, and keeps the bit.
        rule([verdict("jump", "lead")]),
        rule([unsetMarkBits(bits)]),
      ],
    },
    local("prerouting", c),
    local("output", c),
    { name: everybody, rules: [rule([unsetMarkBits(bits)]), rule([masquerade()])] },
    { name: keep, rules: [rule([unsetMarkBits(bits)])] },
    {
      name: "postrouting",
      base: { type: "nat", hook: "postrouting", priority: SRCNAT },
      rules: [
        rule([matchMasked(mark, wordKey(bits), wordKey(0)), verdict("return")]),
        rule([nfproto(4), vmap([ip.daddr], "pods4")]),
        rule([nfproto(6), vmap([ip6.daddr], "pods6")]),
      ],
    },
  ];
};

/** With the chains for the pods' subnets. */
export const baseFor = (c: TableConfig, addresses: readonly Cidr[]): BaseOfTable => {
  const own = addresses.map((a) => withinChain(a, bitsOf(c)));
  const once = own.filter((x, i) => own.findIndex((y) => y.name === x.name) === i);
  return { table: tableFor(c), sets, chains: [...chains(c), ...once] };
};

/** A table that is there, as far as taking things out of it goes. */
export const baseOf = (table: Table): BaseOfTable => ({ table, sets, chains: [] });

const sets = [any4, any6, at4, at6, pods4, pods6];

/** The chains that come and go with pods. */
export const isWithin = (chain: string): boolean => chain.startsWith(prefix);

/** The map of a host address; of all when there is none, or when it stands for all. */
export const mapFor = (family: 4 | 6, hostIp: Ip | undefined): { readonly set: NftSet; readonly at?: Ip } => {
  if (hostIp === undefined || hostIp === "0.0.0.0" || hostIp === "::") return { set: family === 4 ? any4 : any6 };
  return { set: family === 4 ? at4 : at6, at: hostIp };
};
