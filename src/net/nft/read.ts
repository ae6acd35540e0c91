/** What is in the kernel, also what others made: tables, chains, rules, sets. */
import { FaultError } from "../../base/fault.ts";
import {
  chainMessage,
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
import { keyTypes } from "./keys.ts";
import {
  type Chain,
  type HookName,
  hookNames,
  type KeyType,
  type NftSet,
  type RuleThere,
  type Table,
} from "./types.ts";

/** The name that has a number in a table. Nothing is made at the start of what may never look at nf_tables. */
export const nameOf = <K extends string, V>(
  table: { readonly [N in K]: V },
  isIt: (value: V) => boolean,
): K | undefined => {
  for (const name in table) if (isIt(table[name])) return name;
  return undefined;
};
const isGone = (error: unknown): boolean =>
  error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "ENOENT";

/** What `act` reads; undefined when the table, chain or set is not there. */
export const orGone = <T>(act: () => T): T | undefined => {
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

/** One chain, however many there are beside it; undefined when it, or its table, is not there. */
export const findChain = (ns: Netns, table: Table, name: string): Chain | undefined =>
  orGone(() => chainOf(table, getChain(ns, table, name)));

const getChain = (ns: Netns, table: Table, name: string): ReturnType<typeof chainMessage.read> => {
  const payload = chainMessage.write({ family: nfproto[table.family], table: table.name, name });
  const op = `nft list chain ${table.family} ${table.name} ${name}`;
  return chainMessage.read(ns.nf.get({ type: NFT_MSG.getChain, payload, op }).payload);
};

/** How many jumps lead to a chain, from rules and elements; undefined when it is not there. */
export const jumpsTo = (ns: Netns, table: Table, chain: string): number | undefined =>
  // The kernel counts the chain's own rules among its uses.
  orGone(() => (getChain(ns, table, chain).use ?? 0) - listRules(ns, table, chain).length);

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
