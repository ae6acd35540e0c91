/** Changes as nfnetlink requests. */
import { concatBytes } from "../../base/bytes.ts";
import { F } from "../../kernel/codec/message.ts";
import { type NftData, verdictCode } from "../../kernel/codec/nft/data.ts";
import {
  chainMessage,
  ELEM,
  type ElementMessage,
  elementsMessage,
  NFT_MSG,
  nfproto,
  ruleMessage,
  SET,
  setMessage,
  tableMessage,
} from "../../kernel/codec/nft/messages.ts";
import { writeByteOrders, writeComment } from "../../kernel/codec/nft/userdata.ts";
import type { NetlinkRequest } from "../../kernel/conn/netlink.ts";
import { keyTypes } from "./keys.ts";
import { renderChange } from "./render-change.ts";
import {
  type Chain,
  type Element,
  type Fields,
  hookNames,
  isVerdict,
  type KeyType,
  type NftChange,
  type NftSet,
  type Rule,
  type Table,
  type Verdict,
} from "./types.ts";

const pad = (b: Uint8Array): Uint8Array => {
  const length = (b.length + 3) & ~3;
  if (length === b.length) return b;
  const out = new Uint8Array(length);
  out.set(b);
  return out;
};

/** Concatenated fields fill whole registers of four bytes; a lone one does not. */
export const joinFields = (fields: Fields): Uint8Array =>
  fields.length === 1 ? fields[0]! : concatBytes(fields.map(pad));

/** Bytes of such a concatenation. */
export const widthOf = (types: readonly KeyType[]): number => {
  if (types.length === 1) return keyTypes[types[0]!].bytes;
  let n = 0;
  for (const t of types) n += (keyTypes[t].bytes + 3) & ~3;
  return n;
};

/** TYPE_BITS of `nft`: the numbers of a concatenation's types, six bits each. */
const typeOf = (types: readonly KeyType[]): number => {
  let n = 0;
  for (const t of types) n = (n << 6) | keyTypes[t].id;
  return n;
};

const orderOf = (types: readonly KeyType[]): 1 | 2 =>
  types.length > 1 || keyTypes[types[0]!].order === "network" ? 2 : 1;

/** NFT_DATA_VERDICT. */
const VERDICT = 0xffffff00;

const verdictData = (v: Verdict): NftData => ({
  verdict: { code: verdictCode[v.verdict], ...(v.chain !== undefined && { chain: v.chain }) },
});
const dataOf = (data: Fields | Verdict): NftData => (isVerdict(data) ? verdictData(data) : { value: joinFields(data) });

/** The value after a field, for the open end that the kernel wants of ranges; undefined after the last there is. */
const after = (b: Uint8Array): Uint8Array | undefined => {
  const out = new Uint8Array(b);
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = (out[i]! + 1) & 255;
    if (out[i] !== 0) return out;
  }
  return undefined;
};

const elementOf = (set: NftSet, e: Element): ElementMessage[] => {
  const rest = {
    ...(e.data && { data: dataOf(e.data) }),
    ...(e.timeout !== undefined && { timeout: e.timeout }),
    ...(e.comment !== undefined && { userdata: writeComment(e.comment) }),
  };
  const one = { key: { value: joinFields(e.key) }, ...rest };
  if (!set.interval) return [one];
  const end = e.end ?? e.key;
  if (set.key.length > 1) return [{ ...one, keyEnd: { value: joinFields(end) } }];
  const beyond = after(end[0]!);
  return beyond ? [one, { key: { value: beyond }, flags: ELEM.intervalEnd }] : [one];
};

const setFields = (table: Table, set: NftSet) => {
  const { data } = set;
  const ranges = set.interval && set.key.length > 1;
  const orders = writeByteOrders(orderOf(set.key), data && data !== "verdict" ? orderOf(data) : undefined);
  return {
    table: table.name,
    name: set.name,
    flags:
      (set.interval ? SET.interval : 0) |
      (data ? SET.map : 0) |
      (set.timeout ? SET.timeout : 0) |
      (set.dynamic ? SET.eval : 0) |
      (ranges ? SET.concat : 0),
    keyType: typeOf(set.key),
    keyLen: widthOf(set.key),
    ...(data === "verdict" && { dataType: VERDICT, dataLen: 16 }),
    ...(data && data !== "verdict" && { dataType: typeOf(data), dataLen: widthOf(data) }),
    ...(ranges && { description: { concat: { fields: set.key.map((t) => ({ len: keyTypes[t].bytes })) } } }),
    // Named by number only within a transaction; the kernel wants one.
    id: 1,
    userdata: orders,
  };
};

const hookNumber = (table: Table, hook: string): number => {
  if (table.family === "netdev") return hook === "ingress" ? 0 : 1;
  return hook === "ingress" ? 5 : (hookNames as readonly string[]).indexOf(hook);
};

const policies = { drop: 0, accept: 1 } as const;

const chainFields = (table: Table, { name, base }: Chain) => ({
  table: table.name,
  name,
  ...(base && {
    hook: {
      num: hookNumber(table, base.hook),
      priority: base.priority,
      ...(base.devices?.length === 1 && { dev: base.devices[0]! }),
      ...(base.devices && base.devices.length > 1 && { devs: { names: base.devices } }),
    },
    policy: policies[base.policy ?? "accept"],
    type: base.type,
  }),
});

const ruleFields = (table: Table, chain: string, rule: Rule) => ({
  table: table.name,
  chain,
  expressions: rule.exprs,
  ...(rule.comment !== undefined && { userdata: writeComment(rule.comment) }),
});

/** What one attribute can hold of elements: a length of 16 bits, with room for the headers. */
const ROOM = 48 * 1024;

/** Elements in as few messages as hold them. */
const elementRequests = (
  change: NftChange & { do: "element.add" | "element.del" },
  type: number,
  flags: number,
  make: (type: number, flags: number, payload: Uint8Array, locate: NetlinkRequest["locate"]) => NetlinkRequest,
): NetlinkRequest[] => {
  const { table, set } = change;
  const all = change.elements.flatMap((e) => elementOf(set, change.do === "element.add" ? e : withoutData(e)));
  const size = 64 + 2 * widthOf(set.key) + 160;
  const most = Math.max(1, Math.floor(ROOM / size));
  const out: NetlinkRequest[] = [];
  for (let i = 0; i < all.length; i += most) {
    const elements = { items: all.slice(i, i + most) };
    const payload = elementsMessage.write({
      family: nfproto[table.family],
      table: table.name,
      set: set.name,
      elements,
    });
    out.push(make(type, flags, payload, elementsMessage.locate));
  }
  return out;
};

/** The kernel finds an element to delete by its key alone. */
const withoutData = ({ key, end }: Element): Element => ({ key, ...(end && { end }) });

export const encodeChange = (change: NftChange): NetlinkRequest[] => {
  const op = (): string => renderChange(change);
  const { table } = change;
  const family = nfproto[table.family];
  const make = (
    type: number,
    flags: number,
    payload: Uint8Array,
    locate: NetlinkRequest["locate"],
  ): NetlinkRequest => ({
    type,
    flags,
    payload,
    op,
    ...(locate && { locate }),
  });
  const create = F.create | ("exclusive" in change && change.exclusive ? F.excl : 0);
  switch (change.do) {
    case "table.add":
      return [make(NFT_MSG.newTable, create, tableMessage.write({ family, name: table.name }), tableMessage.locate)];
    case "table.del":
      return [make(NFT_MSG.delTable, 0, tableMessage.write({ family, name: table.name }), tableMessage.locate)];
    case "chain.add": {
      const payload = chainMessage.write({ family, ...chainFields(table, change.chain) });
      return [make(NFT_MSG.newChain, create, payload, chainMessage.locate)];
    }
    case "chain.flush": {
      const payload = ruleMessage.write({ family, table: table.name, chain: change.chain });
      return [make(NFT_MSG.delRule, 0, payload, ruleMessage.locate)];
    }
    case "chain.del": {
      const payload = chainMessage.write({ family, table: table.name, name: change.chain });
      return [make(NFT_MSG.delChain, 0, payload, chainMessage.locate)];
    }
    case "set.add":
      return [
        make(NFT_MSG.newSet, create, setMessage.write({ family, ...setFields(table, change.set) }), setMessage.locate),
      ];
    case "set.flush": {
      const payload = elementsMessage.write({ family, table: table.name, set: change.set });
      return [make(NFT_MSG.delElement, 0, payload, elementsMessage.locate)];
    }
    case "set.del":
      return [
        make(NFT_MSG.delSet, 0, setMessage.write({ family, table: table.name, name: change.set }), setMessage.locate),
      ];
    case "element.add":
      return elementRequests(change, NFT_MSG.newElement, create, make);
    case "element.del":
      return elementRequests(change, NFT_MSG.delElement, 0, make);
    case "rule.add":
    case "rule.insert": {
      const flags = F.create | (change.do === "rule.add" ? F.append : 0) | F.echo;
      const position = "after" in change && change.after !== undefined ? { position: change.after } : {};
      const payload = ruleMessage.write({ family, ...ruleFields(table, change.chain, change.rule), ...position });
      return [make(NFT_MSG.newRule, flags, payload, ruleMessage.locate)];
    }
    case "rule.del": {
      const payload = ruleMessage.write({ family, table: table.name, chain: change.chain, handle: change.handle });
      return [make(NFT_MSG.delRule, 0, payload, ruleMessage.locate)];
    }
  }
};
