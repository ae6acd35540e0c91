/**
 * Rules as `nft` text, from their expressions: what was loaded into a register is remembered until it is compared, looked
 * up or used. What has no words here is shown as `# unknown expression NAME`, never left out.
 */

import { type VerdictName, verdictCode } from "../../kernel/codec/nft/data.ts";
import { type Expr, type ExprOf, isExpr } from "../../kernel/codec/nft/expressions.ts";
import { CMP, CT, META } from "./build.ts";
import { renderComment, renderValue, renderVerdict, type ValueType } from "./render-value.ts";
import type { Rule } from "./types.ts";

/** What a register holds. */
interface Held {
  readonly text: string;
  readonly type: ValueType;
  readonly words: number;
  /** Set by `immediate`. */
  readonly bytes?: Uint8Array;
  /** A mask that was put over it. */
  readonly mask?: Uint8Array;
  readonly xor?: Uint8Array;
}

const word = (reg: number): number => (reg >= 8 ? reg - 8 : 4 * (reg - 1));

const payloads: Readonly<Record<string, readonly [text: string, type: ValueType]>> = {
  "1.12.4": ["ip saddr", "ipv4_addr"],
  "1.16.4": ["ip daddr", "ipv4_addr"],
  "1.8.16": ["ip6 saddr", "ipv6_addr"],
  "1.24.16": ["ip6 daddr", "ipv6_addr"],
  "1.9.1": ["ip protocol", "inet_proto"],
  "1.6.1": ["ip6 nexthdr", "inet_proto"],
  "2.0.2": ["th sport", "inet_service"],
  "2.2.2": ["th dport", "inet_service"],
  "2.13.1": ["tcp flags", "unknown"],
  "0.0.6": ["ether daddr", "ether_addr"],
  "0.6.6": ["ether saddr", "ether_addr"],
};

const metas: Readonly<Record<number, readonly [text: string, type: ValueType, words?: number]>> = {
  [META.mark]: ["meta mark", "mark"],
  [META.iif]: ["iif", "iface_index"],
  [META.oif]: ["oif", "iface_index"],
  [META.iifname]: ["iifname", "ifname", 4],
  [META.oifname]: ["oifname", "ifname", 4],
  [META.nfproto]: ["meta nfproto", "nf_proto"],
  [META.l4proto]: ["meta l4proto", "inet_proto"],
};
const cts: Readonly<Record<number, readonly [text: string, type: ValueType]>> = {
  [CT.state]: ["ct state", "ct_state"],
  [CT.direction]: ["ct direction", "ct_dir"],
  [CT.status]: ["ct status", "ct_status"],
  [CT.mark]: ["ct mark", "mark"],
};

const unknown = (e: Expr): string => `# unknown expression ${e.name}`;
const operator = (op: number | undefined): string => ["", "!= ", "< ", "<= ", "> ", ">= "][op ?? 0] ?? "";

/** One rule being read. */
const newReading = () => {
  const registers = new Map<number, Held>();
  return {
    out: [] as string[],
    hold: (reg: number | undefined, held: Held): void => void registers.set(word(reg ?? 1), held),
    held: (reg: number | undefined): Held | undefined => registers.get(word(reg ?? 1)),
    /** What stands in registers one after the other, from `reg` on, as a concatenation; as many as were loaded in a row. */
    concatenation: (reg: number | undefined, after: number): string | undefined => {
      const parts: string[] = [];
      let at = word(reg ?? 1);
      for (let h = registers.get(at); h && parts.length < after; h = registers.get(at)) {
        parts.push(h.text);
        at += h.words;
      }
      return parts.length > 0 ? parts.join(" . ") : undefined;
    },
  };
};
type Reading = ReturnType<typeof newReading>;

/** Loads since the last statement: a look-up takes all of them. */
const loads = ["payload", "meta", "ct", "fib", "numgen", "hash"];

/** Words for expressions that we write none of: who reads others' rules brings them along. */
export interface MoreWords {
  readonly load: (e: Expr) => readonly [text: string, type: ValueType, words?: number] | undefined;
  /** Given what stands before it in its rule, and the words for a port in a register. */
  readonly statement: (
    e: Expr,
    before: readonly string[],
    portIn: (reg: number | undefined) => string | undefined,
  ) => string | undefined;
}

const load = (r: Reading, e: Expr, more: MoreWords | undefined): boolean => {
  if (isExpr(e, "payload") && e.dreg !== undefined) {
    const [text, type] = payloads[`${e.base}.${e.offset}.${e.len}`] ?? [
      `@${["ll", "nh", "th"][e.base ?? 0] ?? "ih"},${8 * (e.offset ?? 0)},${8 * (e.len ?? 0)}`,
      "unknown" as const,
    ];
    r.hold(e.dreg, { text, type, words: Math.ceil((e.len ?? 4) / 4) });
    return true;
  }
  const known =
    isExpr(e, "meta") && e.dreg !== undefined
      ? metas[e.key ?? -1]
      : isExpr(e, "ct") && e.dreg !== undefined
        ? cts[e.key ?? -1]
        : isExpr(e, "fib") && e.result === 3 && ((e.flags ?? 0) & ~3) === 0
          ? ([`fib ${(e.flags ?? 0) & 2 ? "daddr" : "saddr"} type`, "fib_addrtype"] as const)
          : undefined;
  const loaded = known ?? more?.load(e);
  if (!loaded) return false;
  r.hold((e as { dreg?: number }).dreg, { text: loaded[0], type: loaded[1], words: loaded[2] ?? 1 });
  return true;
};

const isZero = (b: Uint8Array | undefined): boolean => b?.every((x) => x === 0) ?? true;

const prefixLength = (mask: Uint8Array): number | undefined => {
  const digits = [...mask].map((b) => b.toString(2).padStart(8, "0")).join("");
  const n = digits.indexOf("0") < 0 ? digits.length : digits.indexOf("0");
  return digits.slice(n).includes("1") ? undefined : n;
};

const compare = (h: Held, e: ExprOf<"cmp">): string => {
  const value = e.data?.value ?? new Uint8Array(0);
  if (!h.mask) {
    if (h.type === "ifname" && value.length < 16)
      return `${h.text} ${operator(e.op)}${renderValue("ifname", value).slice(0, -1)}*"`;
    // A prefix on a byte's border is compared in its first bytes alone.
    const short = (h.type === "ipv4_addr" && value.length < 4) || (h.type === "ipv6_addr" && value.length < 16);
    if (!short) return `${h.text} ${operator(e.op)}${renderValue(h.type, value)}`;
    const whole = new Uint8Array(h.type === "ipv4_addr" ? 4 : 16);
    whole.set(value);
    return `${h.text} ${operator(e.op)}${renderValue(h.type, whole)}/${8 * value.length}`;
  }
  if ((h.type === "ct_state" || h.type === "ct_status") && e.op === CMP.neq && isZero(value))
    return `${h.text} ${renderValue(h.type, h.mask)}`;
  const prefix = h.type === "ipv4_addr" || h.type === "ipv6_addr" ? prefixLength(h.mask) : undefined;
  if (prefix !== undefined) return `${h.text} ${operator(e.op)}${renderValue(h.type, value)}/${prefix}`;
  return `${h.text} & ${renderValue(h.type, h.mask)} ${operator(e.op) || "== "}${renderValue(h.type, value)}`;
};

/** `meta mark set ...` */
const assign = (target: string, h: Held | undefined): string | undefined => {
  if (!h) return undefined;
  if (h.bytes) return `${target} set ${renderValue("mark", h.bytes)}`;
  if (!h.mask) return `${target} set ${h.text}`;
  if (!h.xor) return `${target} set ${h.text} & ${renderValue("mark", h.mask)}`;
  const set = h.xor;
  const keeps = h.mask.every((m, i) => (m ^ set[i]!) === 255);
  return keeps
    ? `${target} set ${h.text} | ${renderValue("mark", set)}`
    : `${target} set ${h.text} & ${renderValue("mark", h.mask)} ^ ${renderValue("mark", set)}`;
};

const units: Readonly<Record<number, string>> = {
  1: "second",
  60: "minute",
  3600: "hour",
  86400: "day",
  604800: "week",
};

const nat = (r: Reading, e: ExprOf<"nat">): string | undefined => {
  const address = r.held(e.addrMin);
  if (!address) return undefined;
  const word = `${e.type === 1 ? "dnat" : "snat"} ${e.family === 10 ? "ip6" : "ip"} to`;
  if (!address.bytes) return `${word} ${address.text}`;
  const host = renderValue(e.family === 10 ? "ipv6_addr" : "ipv4_addr", address.bytes);
  const port = e.protoMin === undefined ? undefined : r.held(e.protoMin)?.bytes;
  if (!port) return `${word} ${host}`;
  return `${word} ${e.family === 10 ? `[${host}]` : host}:${renderValue("inet_service", port)}`;
};

const verdictText = (e: ExprOf<"immediate">): string | undefined => {
  const v = e.data?.verdict;
  if (!v) return undefined;
  const name = (Object.keys(verdictCode) as VerdictName[]).find((n) => verdictCode[n] === v.code);
  return name && renderVerdict({ verdict: name, ...(v.chain !== undefined && { chain: v.chain }) });
};

const statement = (r: Reading, e: Expr, loaded: number, more: MoreWords | undefined): string | undefined => {
  if (isExpr(e, "cmp")) {
    const h = r.held(e.sreg);
    return h && compare(h, e);
  }
  if (isExpr(e, "bitwise")) {
    const h = r.held(e.sreg);
    const { mask, xor } = { mask: e.mask?.value, xor: e.xor?.value };
    if (!h || !mask || (e.op ?? 0) !== 0) return undefined;
    r.hold(e.dreg, { ...h, mask, ...(!isZero(xor) && xor && { xor }) });
    return "";
  }
  if (isExpr(e, "immediate")) {
    if (e.dreg === 0) return verdictText(e);
    r.hold(e.dreg, { text: "", type: "unknown", words: 1, bytes: e.data?.value ?? new Uint8Array(0) });
    return "";
  }
  if (isExpr(e, "lookup")) {
    const text = r.concatenation(e.sreg, Math.max(loaded, 1));
    if (text === undefined) return undefined;
    if (e.dreg === undefined) return `${text} ${e.flags === 1 ? "!= " : ""}@${e.set}`;
    if (e.dreg === 0) return `${text} vmap @${e.set}`;
    r.hold(e.dreg, { text: `${text} map @${e.set}`, type: "unknown", words: 1 });
    return "";
  }
  if (isExpr(e, "meta")) return e.key === META.mark ? assign("meta mark", r.held(e.sreg)) : undefined;
  if (isExpr(e, "ct")) return e.key === CT.mark ? assign("ct mark", r.held(e.sreg)) : undefined;
  if (isExpr(e, "nat")) return nat(r, e);
  if (isExpr(e, "masq")) return e.protoMin === undefined ? "masquerade" : undefined;
  if (isExpr(e, "notrack")) return "notrack";
  if (isExpr(e, "counter")) return `counter packets ${e.packets ?? 0} bytes ${e.bytes ?? 0}`;
  if (isExpr(e, "log")) return `log${e.prefix === undefined ? "" : ` prefix "${e.prefix}"`}`;
  if (isExpr(e, "limit") && (e.type ?? 0) === 0) {
    const burst = e.burst && e.burst !== 5 ? ` burst ${e.burst} packets` : "";
    return `limit rate ${(e.flags ?? 0) & 1 ? "over " : ""}${e.rate}/${units[e.unit ?? 1]}${burst}`;
  }
  if (isExpr(e, "range")) {
    const h = r.held(e.sreg);
    const bound = (d: typeof e.from): string => renderValue(h?.type ?? "unknown", d?.value ?? new Uint8Array(0));
    return h && `${h.text} ${operator(e.op)}${bound(e.from)}-${bound(e.to)}`;
  }
  if (isExpr(e, "byteorder")) {
    const h = r.held(e.sreg);
    if (h) r.hold(e.dreg, h);
    return h && "";
  }
  return more?.statement(e, r.out, (reg) => {
    const bytes = r.held(reg)?.bytes;
    return bytes && renderValue("inet_service", bytes);
  });
};

export const renderRule = (rule: Rule, more?: MoreWords): string => {
  const r = newReading();
  let loaded = 0;
  for (const e of rule.exprs) {
    if (loads.includes(e.name) && load(r, e, more)) {
      loaded++;
      continue;
    }
    const text = statement(r, e, loaded, more);
    if (text !== "" || isExpr(e, "lookup")) loaded = 0;
    if (text !== "") r.out.push(text ?? unknown(e));
  }
  return `${r.out.join(" ")}${renderComment(rule.comment)}`;
};
