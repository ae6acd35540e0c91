/** Entries of the older iptables as chains of rules in expressions of nf_tables: as iptables-nft would have stored them. */

import { str } from "../../../kernel/codec/codec.ts";
import type { Expr } from "../../../kernel/codec/nft/expressions.ts";
import { type Entry, type Extension, FLAG, INVERT, type TableInfo } from "../../../kernel/codec/xtables/table.ts";
import { iifname, ip, ip6, l4proto, match, matchMasked, oifname, verdict } from "../../../net/nft/build.ts";
import { ifnameKey } from "../../../net/nft/keys.ts";
import type { ChainFound, RuleFound, TableFound } from "./build.ts";
import type { Base, Hook } from "./model.ts";

const hooks: readonly (readonly [hook: Hook, chain: string])[] = [
  ["prerouting", "PREROUTING"],
  ["input", "INPUT"],
  ["forward", "FORWARD"],
  ["output", "OUTPUT"],
  ["postrouting", "POSTROUTING"],
];

/** NF_IP_PRI_*: where the kernel hangs each table. */
const priorities: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };

const priorityOf = (table: string, hook: Hook): number =>
  table === "nat" ? (hook === "input" || hook === "postrouting" ? 100 : -100) : (priorities[table] ?? 0);

const word = (info: Uint8Array): number => new DataView(info.buffer, info.byteOffset).getInt32(0, true);
const isHead = (e: Entry): boolean => e.target.name === "ERROR";
const verdictOf = (e: Entry): number => word(e.target.info);
const op = (e: Entry, bit: number): "eq" | "neq" => (e.inverted & bit ? "neq" : "eq");

const address = (e: Entry, family: 4 | 6, which: "src" | "dst"): Expr[] => {
  const [value, mask] = which === "src" ? [e.src, e.srcMask] : [e.dst, e.dstMask];
  if (mask.every((x) => x === 0)) return [];
  const side = which === "src" ? "saddr" : "daddr";
  const field = family === 4 ? ip[side] : ip6[side];
  const how = op(e, which === "src" ? INVERT.src : INVERT.dst);
  return mask.every((x) => x === 255) ? match(field, value, how) : matchMasked(field, mask, value, how);
};

const link = (e: Entry, which: "in" | "out"): Expr[] => {
  const asked = e[which];
  if (!asked) return [];
  const bytes = ifnameKey(asked.name);
  return match(
    which === "in" ? iifname : oifname,
    asked.exact ? bytes : bytes.subarray(0, asked.name.length),
    op(e, which === "in" ? INVERT.in : INVERT.out),
  );
};

/** The offset of the fragment is none in its first one, which alone has ports. */
const fragment = (e: Entry, family: 4 | 6): Expr[] => {
  if (!(e.flags & FLAG[family].fragment)) return [];
  const field = { words: 1, load: (dreg: number): Expr => ({ name: "payload", dreg, base: 1, offset: 6, len: 2 }) };
  const how = e.inverted & INVERT.fragment ? "eq" : "neq";
  return matchMasked(field, Uint8Array.of(0x1f, 0xff), Uint8Array.of(0, 0), how);
};

const parts = (x: Extension) => ({ xtName: x.name, rev: x.rev, info: x.info });

/** Below zero: minus one minus NF_*; -5 is RETURN. */
const codes: Readonly<Record<number, Parameters<typeof verdict>[0]>> = {
  [-1]: "drop",
  [-2]: "accept",
  [-4]: "queue",
  [-5]: "return",
};

const ending = (e: Entry, family: 4 | 6, next: number, chainAt: (offset: number) => string | undefined): Expr[] => {
  if (e.target.name !== "standard") return [{ name: "target", ...parts(e.target) }];
  const code = verdictOf(e);
  if (code < 0) return verdict(codes[code] ?? "drop");
  // To the entry behind: a rule without a target.
  if (code === next) return [];
  return verdict(e.flags & FLAG[family].goto ? "goto" : "jump", chainAt(code));
};

const commentOf = (e: Entry): string | undefined => {
  const found = e.matches.find((m) => m.name === "comment");
  return found && str.read(found.info);
};

const ruleOf = (
  e: Entry,
  family: 4 | 6,
  chain: string,
  next: number,
  chainAt: (offset: number) => string | undefined,
): RuleFound => {
  const comment = commentOf(e);
  return {
    chain,
    ...(comment !== undefined && { comment }),
    exprs: [
      ...address(e, family, "src"),
      ...address(e, family, "dst"),
      ...link(e, "in"),
      ...link(e, "out"),
      ...(e.protocol === 0 ? [] : match(l4proto, Uint8Array.of(e.protocol & 255), op(e, INVERT.protocol))),
      ...fragment(e, family),
      ...e.matches.map((m): Expr => ({ name: "match", ...parts(m) })),
      ...ending(e, family, next, chainAt),
    ],
  };
};

/** Chains begin at the hooks' entries and behind the marks; each ends with an entry that is its policy, or RETURN. */
export const legacyTable = (name: string, family: 4 | 6, info: TableInfo, entries: readonly Entry[]): TableFound => {
  const chains: ChainFound[] = [];
  const starts = new Map<number, string>();
  for (const [i, [hook, chain]] of hooks.entries()) {
    if (!(info.validHooks & (1 << i))) continue;
    starts.set(info.hookEntry[i]!, chain);
    const last = entries.find((e) => e.offset === info.underflow[i]);
    const base: Base = {
      type: name === "nat" ? "nat" : "filter",
      hook,
      priority: priorityOf(name, hook),
      policy: last && verdictOf(last) === -1 ? "drop" : "accept",
    };
    chains.push({ name: chain, base });
  }
  const own = entries.flatMap((e, i) => {
    const after = entries[i + 1];
    if (!isHead(e) || !after) return []; // the last one ends the table
    const chain = str.read(e.target.info);
    starts.set(after.offset, chain);
    return [{ name: chain }];
  });
  chains.push(...own);
  const rules: RuleFound[] = [];
  let chain = "";
  for (const [i, e] of entries.entries()) {
    chain = starts.get(e.offset) ?? chain;
    const after = entries[i + 1];
    // The last entry of a chain: its policy, or the RETURN that iptables puts behind a chain of the user's.
    const closes = !after || isHead(after) || (info.underflow.includes(e.offset) && !isHead(e));
    if (isHead(e) || closes) continue;
    rules.push(ruleOf(e, family, chain, after.offset, (offset) => starts.get(offset)));
  }
  return { family: family === 4 ? "ip" : "ip6", name, backend: "iptables-legacy", chains, rules, sets: [] };
};
