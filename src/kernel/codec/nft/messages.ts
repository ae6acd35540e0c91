/** nf_tables messages over nfnetlink: struct nfgenmsg and the attributes of each object (linux/netfilter/nf_tables.h). */
import { at, attrs, body, many, NLA_F_NESTED } from "../attrs.ts";
import { be32, be64, raw, sbe32, str } from "../codec.ts";
import { nfgenmsg } from "../nfgenmsg.ts";
import { nftData } from "./data.ts";
import { exprList, exprOne } from "./expressions.ts";

/** NFPROTO_*: a table's family. */
export const nfproto = { inet: 1, ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 } as const;
export type NftFamily = keyof typeof nfproto;

/** NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_*. */
const SUBSYS = 10;
const msg = (n: number): number => (SUBSYS << 8) | n;
export const NFT_MSG = {
  newTable: msg(0),
  getTable: msg(1),
  delTable: msg(2),
  newChain: msg(3),
  getChain: msg(4),
  delChain: msg(5),
  newRule: msg(6),
  getRule: msg(7),
  delRule: msg(8),
  newSet: msg(9),
  getSet: msg(10),
  delSet: msg(11),
  newElement: msg(12),
  getElement: msg(13),
  delElement: msg(14),
  newGen: msg(15),
  getGen: msg(16),
} as const;
/** NFNL_MSG_BATCH_*: what begins and ends a transaction; `resId` names the subsystem. */
export const NFNL_BATCH = { begin: 16, end: 17, subsystem: SUBSYS } as const;

const nested = <T>(type: number, codec: T) => ({ type: type | NLA_F_NESTED, codec });

export const batchMessage = body(nfgenmsg, attrs({ genid: at(1, be32) }));
export const genMessage = body(
  nfgenmsg,
  attrs(() => ({ id: at(1, be32), pid: at(2, be32), process: at(3, str) })),
);

export const tableMessage = body(
  nfgenmsg,
  attrs(() => ({ name: at(1, str), flags: at(2, be32), use: at(3, be32), handle: at(4, be64), userdata: at(6, raw) })),
);

const devices = attrs({ names: many<string>(1, str) });
const hook = attrs(() => ({
  num: at(1, be32),
  priority: at(2, sbe32),
  dev: at(3, str),
  devs: nested(4, devices),
}));
export const chainMessage = body(
  nfgenmsg,
  attrs(() => ({
    table: at(1, str),
    handle: at(2, be64),
    name: at(3, str),
    hook: nested(4, hook),
    policy: at(5, be32),
    use: at(6, be32),
    type: at(7, str),
    counters: at(8 | NLA_F_NESTED, raw),
    flags: at(10, be32),
    userdata: at(12, raw),
  })),
);

export const ruleMessage = body(
  nfgenmsg,
  attrs(() => ({
    table: at(1, str),
    chain: at(2, str),
    handle: at(3, be64),
    expressions: nested(4, exprList),
    compat: at(5 | NLA_F_NESTED, raw),
    position: at(6, be64),
    userdata: at(7, raw),
  })),
);

/** NFT_SET_* flags. */
export const SET = {
  anonymous: 1,
  constant: 2,
  interval: 4,
  map: 8,
  timeout: 16,
  eval: 32,
  object: 64,
  concat: 128,
} as const;
/** NFT_SET_ELEM_* flags. */
export const ELEM = { intervalEnd: 1, catchall: 2 } as const;

const field = attrs({ len: at(1, be32) });
const concat = attrs({ fields: many<ReturnType<typeof field.read>>(1 | NLA_F_NESTED, field) });
const description = attrs({ size: at(1, be32), concat: nested(2, concat) });
export const setMessage = body(
  nfgenmsg,
  attrs(() => ({
    table: at(1, str),
    name: at(2, str),
    flags: at(3, be32),
    keyType: at(4, be32),
    keyLen: at(5, be32),
    dataType: at(6, be32),
    dataLen: at(7, be32),
    policy: at(8, be32),
    description: nested(9, description),
    id: at(10, be32),
    timeout: at(11, be64),
    gcInterval: at(12, be32),
    userdata: at(13, raw),
    objType: at(15, be32),
    handle: at(16, be64),
    expr: nested(17, exprOne),
    exprs: nested(18, exprList),
  })),
);

const element = attrs(() => ({
  key: nested(1, nftData),
  data: nested(2, nftData),
  flags: at(3, be32),
  timeout: at(4, be64),
  expiration: at(5, be64),
  userdata: at(6, raw),
  expr: nested(7, exprOne),
  objref: at(9, str),
  keyEnd: nested(10, nftData),
  exprs: nested(11, exprList),
}));
export type ElementMessage = ReturnType<typeof element.read>;
const elements = attrs({ items: many<ElementMessage>(1 | NLA_F_NESTED, element) });
export const elementsMessage = body(
  nfgenmsg,
  attrs(() => ({ table: at(1, str), set: at(2, str), elements: nested(3, elements), setId: at(4, be32) })),
);
