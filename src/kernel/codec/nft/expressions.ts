/**
 * Expressions: the instructions that a rule is made of (linux/netfilter/nf_tables.h, enum nft_*_attributes). One table
 * for each; an expression without a table keeps its bytes.
 */
import { concatBytes } from "../../../base/bytes.ts";
import { at, attrs, many, NLA_F_NESTED, splitAttrs, writeAttr } from "../attrs.ts";
import { be16, be32, be64, type Codec, raw, str, u8 } from "../codec.ts";
import { nftData } from "./data.ts";

const data = (type: number) => at(type | NLA_F_NESTED, nftData);

const tables = {
  payload: attrs(() => ({
    dreg: at(1, be32),
    /** 0 link, 1 network, 2 transport header. */
    base: at(2, be32),
    offset: at(3, be32),
    len: at(4, be32),
    sreg: at(5, be32),
    csumType: at(6, be32),
    csumOffset: at(7, be32),
    csumFlags: at(8, be32),
  })),
  cmp: attrs({ sreg: at(1, be32), op: at(2, be32), data: data(3) }),
  range: attrs({ sreg: at(1, be32), op: at(2, be32), from: data(3), to: data(4) }),
  bitwise: attrs(() => ({
    sreg: at(1, be32),
    dreg: at(2, be32),
    len: at(3, be32),
    mask: data(4),
    xor: data(5),
    op: at(6, be32),
    data: data(7),
  })),
  byteorder: attrs(() => ({
    sreg: at(1, be32),
    dreg: at(2, be32),
    op: at(3, be32),
    len: at(4, be32),
    size: at(5, be32),
  })),
  immediate: attrs({ dreg: at(1, be32), data: data(2) }),
  lookup: attrs(() => ({
    set: at(1, str),
    sreg: at(2, be32),
    dreg: at(3, be32),
    setId: at(4, be32),
    flags: at(5, be32),
  })),
  meta: attrs(() => ({ dreg: at(1, be32), key: at(2, be32), sreg: at(3, be32) })),
  ct: attrs(() => ({ dreg: at(1, be32), key: at(2, be32), direction: at(3, u8), sreg: at(4, be32) })),
  fib: attrs(() => ({ dreg: at(1, be32), result: at(2, be32), flags: at(3, be32) })),
  nat: attrs(() => ({
    type: at(1, be32),
    family: at(2, be32),
    addrMin: at(3, be32),
    addrMax: at(4, be32),
    protoMin: at(5, be32),
    protoMax: at(6, be32),
    flags: at(7, be32),
  })),
  masq: attrs(() => ({ flags: at(1, be32), protoMin: at(2, be32), protoMax: at(3, be32) })),
  redir: attrs(() => ({ protoMin: at(1, be32), protoMax: at(2, be32), flags: at(3, be32) })),
  tproxy: attrs(() => ({ family: at(1, be32), addr: at(2, be32), port: at(3, be32) })),
  limit: attrs(() => ({
    rate: at(1, be64),
    unit: at(2, be64),
    burst: at(3, be32),
    type: at(4, be32),
    flags: at(5, be32),
  })),
  connlimit: attrs({ count: at(1, be32), flags: at(2, be32) }),
  quota: attrs(() => ({ bytes: at(1, be64), flags: at(2, be32), consumed: at(4, be64) })),
  log: attrs(() => ({
    group: at(1, be16),
    prefix: at(2, str),
    snaplen: at(3, be32),
    qthreshold: at(4, be16),
    level: at(5, be32),
    flags: at(6, be32),
  })),
  counter: attrs({ bytes: at(1, be64), packets: at(2, be64) }),
  notrack: attrs({}),
  reject: attrs({ type: at(1, be32), code: at(2, u8) }),
  numgen: attrs(() => ({ dreg: at(1, be32), modulus: at(2, be32), type: at(3, be32), offset: at(4, be32) })),
  hash: attrs(() => ({
    sreg: at(1, be32),
    dreg: at(2, be32),
    len: at(3, be32),
    modulus: at(4, be32),
    seed: at(5, be32),
    offset: at(6, be32),
    type: at(7, be32),
  })),
  dynset: attrs(() => ({
    set: at(1, str),
    setId: at(2, be32),
    op: at(3, be32),
    sregKey: at(4, be32),
    sregData: at(5, be32),
    timeout: at(6, be64),
    expr: at(7 | NLA_F_NESTED, raw),
    flags: at(9, be32),
    exprs: at(10 | NLA_F_NESTED, raw),
  })),
  objref: attrs(() => ({
    type: at(1, be32),
    objName: at(2, str),
    sreg: at(3, be32),
    set: at(4, str),
    setId: at(5, be32),
  })),
  queue: attrs(() => ({ num: at(1, be16), total: at(2, be16), flags: at(3, be16), sregQnum: at(4, be32) })),
  rt: attrs(() => ({ dreg: at(1, be32), key: at(2, be32) })),
  socket: attrs(() => ({ key: at(1, be32), dreg: at(2, be32), level: at(3, be32) })),
  exthdr: attrs(() => ({
    dreg: at(1, be32),
    type: at(2, u8),
    offset: at(3, be32),
    len: at(4, be32),
    flags: at(5, be32),
    op: at(6, be32),
    sreg: at(7, be32),
  })),
  dup: attrs(() => ({ sregAddr: at(1, be32), sregDev: at(2, be32) })),
  fwd: attrs(() => ({ sregDev: at(1, be32), sregAddr: at(2, be32), nfproto: at(3, be32) })),
  osf: attrs(() => ({ dreg: at(1, be32), ttl: at(2, u8), flags: at(3, be32) })),
  xfrm: attrs(() => ({ dreg: at(1, be32), key: at(2, be32), dir: at(3, u8), spnum: at(4, be32) })),
  tunnel: attrs(() => ({ key: at(1, be32), dreg: at(2, be32) })),
  last: attrs(() => ({ set: at(1, be32), msecs: at(2, be64) })),
  synproxy: attrs(() => ({ mss: at(1, be16), wscale: at(2, u8), flags: at(3, be32) })),
  /** iptables' own matches and targets, as `iptables-nft` stores those that have no nf_tables form. */
  match: attrs(() => ({ xtName: at(1, str), rev: at(2, be32), info: at(3, raw) })),
  target: attrs(() => ({ xtName: at(1, str), rev: at(2, be32), info: at(3, raw) })),
} as const;

type Tables = typeof tables;
export type ExprName = keyof Tables;
type ValueOf<C> = C extends { read(b: Uint8Array): infer T } ? T : never;
export type Exprs = { readonly [K in ExprName]: { readonly name: K } & ValueOf<Tables[K]> };
export interface UnknownExpr {
  readonly name: string;
  readonly raw: Uint8Array;
}
export type Expr = Exprs[ExprName] | UnknownExpr;
/** An expression with its name known. */
export type ExprOf<K extends ExprName> = Exprs[K];

export const isExpr = <K extends ExprName>(e: Expr, name: K): e is Exprs[K] => e.name === name && !("raw" in e);

const isKnown = (name: string): name is ExprName => Object.hasOwn(tables, name);

const one: Codec<Expr> = {
  read: (b) => {
    let name = "";
    let body = new Uint8Array(0);
    for (const a of splitAttrs(b)) {
      if ((a.type & 0x3fff) === 1) name = str.read(a.data);
      else if ((a.type & 0x3fff) === 2) body = new Uint8Array(a.data);
    }
    return isKnown(name) ? ({ ...tables[name].read(body), name } as Expr) : { name, raw: body };
  },
  write: (e) => {
    const codec: Codec<unknown> = isKnown(e.name) ? tables[e.name] : raw;
    const body = "raw" in e ? e.raw : codec.write(e);
    return concatBytes([writeAttr(1, str.write(e.name)), writeAttr(2 | NLA_F_NESTED, body)]);
  },
};

const list = attrs({ items: many<Expr>(1 | NLA_F_NESTED, one) });

/** NFTA_RULE_EXPRESSIONS: a list of NFTA_LIST_ELEM. */
export const exprList: Codec<readonly Expr[]> = {
  read: (b) => list.read(b).items ?? [],
  write: (items) => list.write({ items }),
};
/** NFTA_SET_ELEM_EXPR and the like: one. */
export const exprOne = one;
