/**
 * Statements as expressions, in `nft`'s words: `match(ip.saddr, ipKey(a))` is `ip saddr A`. A rule is a list of them.
 * Registers: words of four bytes from 0; the kernel calls each fourth one by its old number.
 */
import { type VerdictName, verdictCode } from "../../kernel/codec/nft/data.ts";
import type { Expr } from "../../kernel/codec/nft/expressions.ts";
import { type ProtocolName, protocolNumbers, wordKey } from "./keys.ts";
import type { Rule } from "./types.ts";

/** NFT_REG_n for a whole register of sixteen bytes, NFT_REG32_nn within one: as the kernel dumps them. */
export const register = (word: number): number => (word % 4 === 0 ? word / 4 + 1 : 8 + word);

/** Something of a packet that a rule can look at. */
export interface Field {
  /** Registers of four bytes that it fills. */
  readonly words: number;
  readonly load: (dreg: number) => Expr;
}

const BASE = { link: 0, network: 1, transport: 2 } as const;
const payload = (base: keyof typeof BASE, offset: number, len: number): Field => ({
  words: (len + 3) >> 2,
  load: (dreg) => ({ name: "payload", dreg, base: BASE[base], offset, len }),
});
const meta = (key: number, words = 1): Field => ({ words, load: (dreg) => ({ name: "meta", dreg, key }) });

/** NFT_META_*. */
export const META = {
  mark: 3,
  iif: 4,
  oif: 5,
  iifname: 6,
  oifname: 7,
  iiftype: 8,
  nfproto: 15,
  l4proto: 16,
  ibrname: 17,
} as const;
/** NFT_CT_*. */
export const CT = { state: 0, direction: 1, status: 2, mark: 3 } as const;
/** Bits of NFT_CT_STATE. */
export const ctStates = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const;
/** IPS_*: bits of NFT_CT_STATUS. */
export const ctStatus = { snat: 16, dnat: 32 } as const;

export const ip = { saddr: payload("network", 12, 4), daddr: payload("network", 16, 4) } as const;
export const ip6 = { saddr: payload("network", 8, 16), daddr: payload("network", 24, 16) } as const;
/** Ports of whatever transport protocol it is. */
export const th = { sport: payload("transport", 0, 2), dport: payload("transport", 2, 2) } as const;
export const ether = { daddr: payload("link", 0, 6), saddr: payload("link", 6, 6) } as const;
export const iifname = meta(META.iifname, 4);
export const oifname = meta(META.oifname, 4);
export const nfprotoField = meta(META.nfproto);
export const l4proto = meta(META.l4proto);
export const mark = meta(META.mark);
export const ctState: Field = { words: 1, load: (dreg) => ({ name: "ct", dreg, key: CT.state }) };
export const ctStatusField: Field = { words: 1, load: (dreg) => ({ name: "ct", dreg, key: CT.status }) };
export const ctDirection: Field = { words: 1, load: (dreg) => ({ name: "ct", dreg, key: CT.direction }) };
/** IP_CT_DIR_*: who began the connection sends the original's packets. */
export const ctDirections = { original: 0, reply: 1 } as const;
/** NFT_FIB_RESULT_ADDRTYPE of the destination. */
export const fibDaddrType: Field = { words: 1, load: (dreg) => ({ name: "fib", dreg, result: 3, flags: 2 }) };
/** RTN_*: address types. */
export const addressType = { unicast: 1, local: 2, broadcast: 3, multicast: 5 } as const;

const R0 = register(0);
/** NFT_CMP_*. */
export const CMP = { eq: 0, neq: 1, lt: 2, lte: 3, gt: 4, gte: 5 } as const;

/** `FIELD VALUE`, `FIELD != VALUE` */
export const match = (field: Field, value: Uint8Array, op: keyof typeof CMP = "eq"): Expr[] => [
  field.load(R0),
  { name: "cmp", sreg: R0, op: CMP[op], data: { value } },
];

/** `FIELD FIRST-LAST`, both included. */
export const matchRange = (field: Field, first: Uint8Array, last: Uint8Array): Expr[] =>
  first.every((byte, i) => byte === last[i])
    ? match(field, first)
    : [
        field.load(R0),
        { name: "cmp", sreg: R0, op: CMP.gte, data: { value: first } },
        { name: "cmp", sreg: R0, op: CMP.lte, data: { value: last } },
      ];

/** `FIELD & MASK == VALUE`: all three as bytes of the field's width. */
export const matchMasked = (field: Field, mask: Uint8Array, value: Uint8Array, op: "eq" | "neq" = "eq"): Expr[] => [
  field.load(R0),
  {
    name: "bitwise",
    sreg: R0,
    dreg: R0,
    len: mask.length,
    mask: { value: mask },
    xor: { value: new Uint8Array(mask.length) },
    op: 0,
  },
  { name: "cmp", sreg: R0, op: CMP[op], data: { value } },
];

/** `FIELD A.B.C.D/N`: the address and the prefix's length in bits. */
export const matchPrefix = (field: Field, network: Uint8Array, prefix: number, op: "eq" | "neq" = "eq"): Expr[] => {
  if (prefix === 8 * network.length) return match(field, network, op);
  const mask = network.map((_, i) => 0xff & (0xff << (8 - Math.min(Math.max(prefix - 8 * i, 0), 8))));
  return matchMasked(field, mask, network, op);
};

/** Any of the bits: `ct state established,related`. */
export const anyBit = (field: Field, bits: number): Expr[] => matchMasked(field, wordKey(bits), wordKey(0), "neq");

const loadAll = (fields: readonly Field[]): Expr[] => {
  let word = 0;
  return fields.map((f) => {
    const e = f.load(register(word));
    word += f.words;
    return e;
  });
};

/** `FIELD . FIELD @set`, `... != @set` */
export const inSet = (fields: readonly Field[], set: string, not = false): Expr[] => [
  ...loadAll(fields),
  { name: "lookup", set, sreg: R0, ...(not && { flags: 1 }) },
];

/** `FIELD . FIELD vmap @map` */
export const vmap = (fields: readonly Field[], map: string): Expr[] => [
  ...loadAll(fields),
  { name: "lookup", set: map, sreg: R0, dreg: 0 },
];

const family = (f: 4 | 6): number => (f === 4 ? 2 : 10);

/** `meta nfproto ipv4`: what an inet table needs before a look at an IPv4 header. */
export const nfproto = (f: 4 | 6): Expr[] => match(nfprotoField, Uint8Array.of(family(f)));
export const protocol = (name: ProtocolName): Expr[] => match(l4proto, Uint8Array.of(protocolNumbers[name]));

/** `dnat ip to FIELD . FIELD map @map`, whose data is address . port. */
export const dnatTo = (f: 4 | 6, fields: readonly Field[], map: string): Expr[] => [
  ...loadAll(fields),
  { name: "lookup", set: map, sreg: R0, dreg: R0 },
  // The port stands in the word after the address.
  { name: "nat", type: 1, family: family(f), addrMin: R0, protoMin: register(f === 4 ? 1 : 4), flags: NAT_BOTH },
];
/** NF_NAT_RANGE_MAP_IPS and _PROTO_SPECIFIED. */
const NAT_BOTH = 3;

/** `dnat ip to ADDRESS:PORT` */
export const dnat = (f: 4 | 6, address: Uint8Array, port: Uint8Array): Expr[] => [
  { name: "immediate", dreg: R0, data: { value: address } },
  { name: "immediate", dreg: register(4), data: { value: port } },
  { name: "nat", type: 1, family: family(f), addrMin: R0, protoMin: register(4), flags: NAT_BOTH },
];

export const masquerade = (): Expr[] => [{ name: "masq" }];
export const counter = (): Expr[] => [{ name: "counter", bytes: 0, packets: 0 }];

/** `meta mark set meta mark & ~BITS` */
export const unsetMarkBits = (bits: number): Expr[] => [
  mark.load(R0),
  {
    name: "bitwise",
    sreg: R0,
    dreg: R0,
    len: 4,
    mask: { value: wordKey(~bits >>> 0) },
    xor: { value: wordKey(0) },
    op: 0,
  },
  { name: "meta", key: META.mark, sreg: R0 },
];

/** `meta mark set meta mark | BITS` */
export const setMarkBits = (bits: number): Expr[] => [
  mark.load(R0),
  {
    name: "bitwise",
    sreg: R0,
    dreg: R0,
    len: 4,
    mask: { value: wordKey(~bits >>> 0) },
    xor: { value: wordKey(bits) },
    op: 0,
  },
  { name: "meta", key: META.mark, sreg: R0 },
];

export const verdict = (name: VerdictName, chain?: string): Expr[] => [
  {
    name: "immediate",
    dreg: 0,
    data: { verdict: { code: verdictCode[name], ...(chain !== undefined && { chain }) } },
  },
];

/** `meta mark & BITS == BITS` in the words of iptables (struct xt_mark_mtinfo1): `-m mark --mark BITS/BITS`. */
export const xtMark = (bits: number): Expr[] => {
  const info = new Uint8Array(16);
  info.set(wordKey(bits));
  info.set(wordKey(bits), 4);
  return [{ name: "match", xtName: "mark", rev: 1, info }];
};

/** Statements in a row; a rule with a comment when one is given. */
export const rule = (statements: readonly (readonly Expr[])[], comment?: string): Rule => ({
  exprs: statements.flat(),
  ...(comment !== undefined && { comment }),
});
