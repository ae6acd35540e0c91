/** What is in the kernel, also what others made: tables, chains, rules, sets, elements. */
import { FaultError } from "../../base/fault.ts";
import { type NftData, verdictCode } from "../../kernel/codec/nft/data.ts";
import {
  chainMessage,
  ELEM,
  type ElementMessage,
  elementsMessage,
  NFT_MSG,
  type NftFamily,
  nfproto,
  ruleMessage,
  SET,
  setMessage,
  tableMessage,
} from "../../kernel/codec/nft/messages.ts";
import { readComment } from "../../kernel/codec/nft/userdata.ts";
import type { Netns } from "../kernel.ts";
import { joinFields } from "./encode.ts";
import { keyTypes } from "./keys.ts";
import {
  type Chain,
  type Element,
  type Fields,
  type HookName,
  hookNames,
  type KeyType,
  type NftSet,
  type RuleThere,
  type Table,
  type Verdict,
} from "./types.ts";

/** The name that has a number in a table. Nothing is made at the start of what may never look at nf_tables. */
const nameOf = <K extends string, V>(table: { readonly [N in K]: V }, isIt: (value: V) => boolean): K | undefined => {
  for (const name in table) if (isIt(table[name])) return name;
  return undefined;
};
const isGone = (error: unknown): boolean =>
  error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "ENOENT";

/** What `act` reads; undefined when the table, chain or set is not there. */
const orGone = <T>(act: () => T): T | undefined => {
  try {
    return act();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

/** A kernel without nf_tables, or without nfnetlink: it has no tables. */
const isUnknown = (error: unknown): boolean =>
  error instanceof FaultError &&
  error.fault.kind === "kernel" &&
  ["EINVAL", "EOPNOTSUPP", "EPROTONOSUPPORT"].includes(error.fault.errno);

/** Whether there is such a table. Without nf_tables there is none. */
export const hasTable = (ns: Netns, table: Table): boolean => {
  const payload = tableMessage.write({ family: nfproto[table.family], name: table.name });
  try {
    ns.nf.get({ type: NFT_MSG.getTable, payload, op: listOf(table) });
    return true;
  } catch (error) {
    if (isGone(error) || isUnknown(error)) return false;
    throw error;
  }
};

const listOf = (table: Table): string => `nft list table ${table.family} ${table.name}`;

/** All tables, or those of one family. */
export const listTables = (ns: Netns, family?: NftFamily): Table[] =>
  ns.nf
    .dump({
      type: NFT_MSG.getTable,
      payload: tableMessage.write({ family: family ? nfproto[family] : 0 }),
      op: "nft list tables",
    })
    .map((m) => tableMessage.read(m.payload))
    .map((t) => ({ family: nameOf(nfproto, (n) => n === t.family) ?? "inet", name: t.name ?? "" }));

/** The table's chains; undefined when there is no such table. */
export const listChains = (ns: Netns, table: Table): Chain[] | undefined =>
  hasTable(ns, table)
    ? ns.nf
        .dump({
          type: NFT_MSG.getChain,
          payload: chainMessage.write({ family: nfproto[table.family] }),
          op: `nft list chains ${table.family}`,
        })
        .map((m) => chainMessage.read(m.payload))
        .filter((c) => c.table === table.name)
        .map((c) => chainOf(table, c))
    : undefined;

/** How many jumps lead to a chain, from rules and elements; undefined when it is not there. */
export const jumpsTo = (ns: Netns, table: Table, chain: string): number | undefined =>
  orGone(() => {
    const payload = chainMessage.write({ family: nfproto[table.family], table: table.name, name: chain });
    const m = ns.nf.get({
      type: NFT_MSG.getChain,
      payload,
      op: `nft list chain ${table.family} ${table.name} ${chain}`,
    });
    // The kernel counts the chain's own rules among its uses.
    return (chainMessage.read(m.payload).use ?? 0) - listRules(ns, table, chain).length;
  });

const hookName = (table: Table, n: number): HookName => {
  if (table.family === "netdev") return n === 0 ? "ingress" : "egress";
  return hookNames[n] ?? "ingress";
};

const chainOf = (table: Table, c: ReturnType<typeof chainMessage.read>): Chain => {
  const { hook, name = "", type = "filter", policy } = c;
  if (!hook) return { name };
  const devices = hook.devs?.names ?? (hook.dev === undefined ? undefined : [hook.dev]);
  return {
    name,
    base: {
      type: type as "filter",
      hook: hookName(table, hook.num ?? 0),
      priority: hook.priority ?? 0,
      policy: policy === 0 ? "drop" : "accept",
      ...(devices && { devices }),
    },
  };
};

/** Rules of a table, or of one chain, in their order. */
export const listRules = (ns: Netns, table: Table, chain?: string): RuleThere[] =>
  ns.nf
    .dump({
      type: NFT_MSG.getRule,
      payload: ruleMessage.write({ family: nfproto[table.family], table: table.name, ...(chain && { chain }) }),
      op: listOf(table),
    })
    .map((m) => ruleMessage.read(m.payload))
    .filter((r) => r.table === table.name && (chain === undefined || r.chain === chain))
    .map((r) => {
      const comment = readComment(r.userdata);
      return {
        chain: r.chain ?? "",
        handle: r.handle ?? 0,
        exprs: r.expressions ?? [],
        ...(comment !== undefined && { comment }),
      };
    });

/** A concatenation's types out of six bits each; undefined when one is none of ours. */
const typesOf = (n: number): KeyType[] | undefined => {
  const out: (KeyType | undefined)[] = [];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 64)) out.unshift(nameOf(keyTypes, (t) => t.id === (rest & 63)));
  return out.every((t) => t !== undefined) && out.length > 0 ? (out as KeyType[]) : undefined;
};

/** A set of the kernel's. Types that we do not know leave `key` empty: its elements are then bytes in one field. */
export const listSets = (ns: Netns, table: Table): NftSet[] =>
  ns.nf
    .dump({
      type: NFT_MSG.getSet,
      payload: setMessage.write({ family: nfproto[table.family], table: table.name }),
      op: listOf(table),
    })
    .map((m) => setMessage.read(m.payload))
    .filter((s) => s.table === table.name)
    .map((s) => {
      const flags = s.flags ?? 0;
      const data = s.dataType === undefined ? undefined : s.dataType === 0xffffff00 ? "verdict" : typesOf(s.dataType);
      return {
        name: s.name ?? "",
        key: typesOf(s.keyType ?? 0) ?? [],
        ...(flags & SET.map && data && { data }),
        ...(flags & SET.interval && { interval: true }),
        ...(flags & SET.timeout && { timeout: true }),
        ...(flags & SET.eval && { dynamic: true }),
      };
    });

const split = (types: readonly KeyType[], bytes: Uint8Array): Fields => {
  if (types.length <= 1) return [bytes];
  const out: Uint8Array[] = [];
  let at = 0;
  for (const t of types) {
    const { bytes: n } = keyTypes[t];
    out.push(bytes.subarray(at, at + n));
    at += (n + 3) & ~3;
  }
  return out;
};

const dataOf = (set: NftSet, d: NftData): Fields | Verdict => {
  const { verdict, value } = d;
  if (!verdict) return split(set.data && set.data !== "verdict" ? set.data : [], value ?? new Uint8Array(0));
  const { code = 0, chain } = verdict;
  return { verdict: nameOf(verdictCode, (n) => n === code) ?? "drop", ...(chain !== undefined && { chain }) };
};

const elementOf = (set: NftSet, m: ElementMessage): Element => {
  const comment = readComment(m.userdata);
  return {
    key: split(set.key, m.key?.value ?? new Uint8Array(0)),
    ...(m.keyEnd?.value && { end: split(set.key, m.keyEnd.value) }),
    ...(m.data && { data: dataOf(set, m.data) }),
    ...(m.timeout !== undefined && { timeout: m.timeout }),
    ...(comment !== undefined && { comment }),
  };
};

/** The last value of a range of which the kernel tells the one after. */
const before = (b: Uint8Array): Uint8Array => {
  const out = new Uint8Array(b);
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = (out[i]! + 255) & 255;
    if (out[i] !== 255) break;
  }
  return out;
};

const compare = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
};

/** Beginnings and ends as the kernel lists them, joined to ranges. */
const ranges = (set: NftSet, items: readonly ElementMessage[]): Element[] => {
  const sorted = [...items].sort((a, b) => {
    const order = compare(a.key?.value ?? new Uint8Array(0), b.key?.value ?? new Uint8Array(0));
    // Where one range ends and the next begins, the end goes first.
    return order !== 0 ? order : ((b.flags ?? 0) & 1) - ((a.flags ?? 0) & 1);
  });
  const out: Element[] = [];
  for (const [i, m] of sorted.entries()) {
    if ((m.flags ?? 0) & ELEM.intervalEnd) continue;
    const next = sorted[i + 1];
    const key = m.key?.value ?? new Uint8Array(0);
    const closed = next && (next.flags ?? 0) & ELEM.intervalEnd ? before(next.key!.value!) : key.map(() => 255);
    out.push({ ...elementOf(set, m), end: [closed] });
  }
  return out;
};

const elementsPayload = (table: Table, set: NftSet, elements?: readonly ElementMessage[]): Uint8Array =>
  elementsMessage.write({
    family: nfproto[table.family],
    table: table.name,
    set: set.name,
    ...(elements && { elements: { items: elements } }),
  });

/** All elements of a set; undefined when it is not there. */
export const listElements = (ns: Netns, table: Table, set: NftSet): Element[] | undefined =>
  orGone(() => {
    const op = `nft list set ${table.family} ${table.name} ${set.name}`;
    const items = ns.nf
      .dump({ type: NFT_MSG.getElement, payload: elementsPayload(table, set), op })
      .flatMap((m) => elementsMessage.read(m.payload).elements?.items ?? []);
    return set.interval && set.key.length === 1 ? ranges(set, items) : items.map((m) => elementOf(set, m));
  });

/** The element of that key; undefined when there is none. */
export const findElement = (ns: Netns, table: Table, set: NftSet, key: Fields): Element | undefined =>
  orGone(() => {
    const payload = elementsPayload(table, set, [{ key: { value: joinFields(key) } }]);
    const op = `nft get element ${table.family} ${table.name} ${set.name}`;
    const m = ns.nf.get({ type: NFT_MSG.getElement, payload, op });
    const [item] = elementsMessage.read(m.payload).elements?.items ?? [];
    return item && elementOf(set, item);
  });

/** Whether a set holds nothing, or is not there: far cheaper than reading what it holds. */
export const isEmpty = (ns: Netns, table: Table, set: NftSet): boolean =>
  orGone(() => {
    const op = `nft list set ${table.family} ${table.name} ${set.name}`;
    const messages = ns.nf.dump({ type: NFT_MSG.getElement, payload: elementsPayload(table, set), op });
    return !messages.some((m) => (elementsMessage.read(m.payload).elements?.items ?? []).length > 0);
  }) ?? true;
