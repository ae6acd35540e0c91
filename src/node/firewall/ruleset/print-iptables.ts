/** Rules in iptables' words, from their expressions: as `iptables -S` would print them, whichever program keeps them. */
import { str } from "../../../kernel/codec/codec.ts";
import { type Expr, type ExprOf, isExpr } from "../../../kernel/codec/nft/expressions.ts";
import { readMatch } from "../../../kernel/codec/xtables/matches.ts";
import { readTarget } from "../../../kernel/codec/xtables/targets.ts";
import { CMP, META } from "../../../net/nft/build.ts";
import type { IpSet, Rule, Table } from "./model.ts";
import { addressText, flagsText, hexOf, matchText, not, quoted, targetText } from "./print-xt.ts";
import { verdictOf } from "./verdict-code.ts";

type What =
  | "src"
  | "dst"
  | "in"
  | "out"
  | "protocol"
  | "sport"
  | "dport"
  | "ports"
  | "flags"
  | "mark"
  | "fragment"
  | "other";
interface Held {
  readonly what: What;
  readonly mask?: Uint8Array;
}

const protocols: Readonly<Record<number, string>> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
  33: "dccp",
  50: "esp",
  51: "ah",
  58: "ipv6-icmp",
  132: "sctp",
  136: "udplite",
};

const fields: Readonly<Record<string, What>> = {
  "1.12": "src",
  "1.16": "dst",
  "1.8": "src",
  "1.24": "dst",
  "1.9": "protocol",
  "1.6": "fragment",
  "2.0": "sport",
  "2.2": "dport",
  "2.13": "flags",
};
const metas: Readonly<Record<number, What>> = {
  [META.iifname]: "in",
  [META.oifname]: "out",
  [META.l4proto]: "protocol",
  [META.mark]: "mark",
};

const port = (b: Uint8Array): number => (b[0]! << 8) | b[1]!;
const word = (b: Uint8Array): number => new DataView(b.buffer, b.byteOffset, b.byteLength).getUint32(0, true);

/** One rule being read. */
class Line {
  /** `-s`, `-d`, `-i`, `-o`, `-p` come first, in this order. */
  readonly head: Partial<Record<"src" | "dst" | "in" | "out" | "protocol", string>> = {};
  readonly parts: string[] = [];
  ending = "";
  protocol = "";
  readonly #held = new Map<number, Held>();
  /** Where the protocol's own match stands, and its options, which iptables prints in its own order. */
  #ports: number | undefined;
  readonly #options: Partial<Record<"sport" | "dport" | "flags", string>> = {};
  #lower: { what: What; from: number } | undefined;

  readonly family: 4 | 6;
  readonly ipsets: ReadonlyMap<number, IpSet>;

  constructor(family: 4 | 6, ipsets: ReadonlyMap<number, IpSet>) {
    this.family = family;
    this.ipsets = ipsets;
  }

  hold(reg: number | undefined, held: Held): void {
    this.#held.set(reg ?? 1, held);
  }

  held(reg: number | undefined): Held {
    return this.#held.get(reg ?? 1) ?? { what: "other" };
  }

  /** An option of the protocol's own match, behind those that it has already. */
  option(which: "sport" | "dport" | "flags", text: string): void {
    this.#ports ??= this.parts.push("") - 1;
    this.#options[which] = text;
    const { sport, dport, flags } = this.#options;
    this.parts[this.#ports] = [`-m ${this.protocol || "tcp"}`, sport, dport, flags].filter(Boolean).join(" ");
  }

  address(which: "src" | "dst", value: Uint8Array, mask: Uint8Array | undefined, inverted: boolean): void {
    const length = this.family === 4 ? 4 : 16;
    const whole = new Uint8Array(length);
    whole.set(value);
    // A prefix on a byte's border is compared in its first bytes alone.
    const under = mask ?? Uint8Array.from({ length }, (_, i) => (i < value.length ? 255 : 0));
    this.head[which] = not(inverted, `-${which[0]} ${addressText({ address: whole, mask: under })}`);
  }

  compare(e: ExprOf<"cmp">): void {
    const { what, mask } = this.held(e.sreg);
    const value = e.data?.value ?? new Uint8Array(0);
    const inverted = e.op === CMP.neq;
    if (what === "src" || what === "dst") this.address(what, value, mask, inverted);
    else if (what === "in" || what === "out") {
      const wild = value.length < 16 && !value.includes(0);
      this.head[what] = not(inverted, `-${what[0]} ${str.read(value)}${wild ? "+" : ""}`);
    } else if (what === "protocol") {
      this.protocol = protocols[value[0]!] ?? String(value[0]);
      this.head.protocol = not(inverted, `-p ${this.protocol}`);
    } else if (what === "sport" || what === "dport") this.bound(what, port(value), e.op ?? 0);
    else if (what === "ports") {
      this.bound("sport", port(value), CMP.eq);
      this.bound("dport", port(value.subarray(2)), CMP.eq);
    } else if (what === "flags") this.option("flags", flagsText(mask?.[0] ?? 255, value[0]!, inverted));
    else if (what === "mark")
      this.parts.push(`-m mark ${not(inverted, `--mark ${hexOf(word(value))}${mask ? `/${hexOf(word(mask))}` : ""}`)}`);
    else if (what === "fragment") this.parts.push(not(!inverted, "-f"));
    else this.parts.push("# unknown comparison");
  }

  /** A range is two comparisons, or one that says both. */
  bound(what: "sport" | "dport", n: number, op: number): void {
    if (op === CMP.gte) this.#lower = { what, from: n };
    else if (op === CMP.lte && this.#lower?.what === what) this.option(what, `--${what} ${this.#lower.from}:${n}`);
    else if (op === CMP.lte) this.option(what, `--${what} 0:${n}`);
    else this.option(what, not(op === CMP.neq, `--${what} ${n}`));
  }

  text(chain: string): string {
    const { src, dst, in: from, out, protocol } = this.head;
    return [`-A ${chain}`, src, dst, from, out, protocol, ...this.parts, this.ending].filter(Boolean).join(" ");
  }
}

const verdicts: Readonly<Record<string, string>> = { accept: "ACCEPT", drop: "DROP", return: "RETURN", queue: "QUEUE" };

/** Both ports may be loaded at once. */
const fieldOf = (e: ExprOf<"payload">): What => {
  const what = fields[`${e.base}.${e.offset}`] ?? "other";
  return what === "sport" && e.len === 4 ? "ports" : what;
};

const read = (line: Line, e: Expr): void => {
  if (isExpr(e, "counter")) return;
  if (isExpr(e, "payload")) line.hold(e.dreg, { what: fieldOf(e) });
  else if (isExpr(e, "meta")) line.hold(e.dreg, { what: metas[e.key ?? -1] ?? "other" });
  else if (isExpr(e, "bitwise"))
    line.hold(e.dreg, { ...line.held(e.sreg), ...(e.mask?.value && { mask: e.mask.value }) });
  else if (isExpr(e, "cmp")) line.compare(e);
  else if (isExpr(e, "range")) {
    const { what } = line.held(e.sreg);
    const text = `--${what} ${port(e.from?.value ?? new Uint8Array(2))}:${port(e.to?.value ?? new Uint8Array(2))}`;
    if (what === "sport" || what === "dport") line.option(what, not((e.op ?? 0) !== 0, text));
  } else if (isExpr(e, "match"))
    line.parts.push(
      matchText(readMatch(e.xtName ?? "", e.rev ?? 0, e.info ?? new Uint8Array(0), line.family), line.ipsets),
    );
  else if (isExpr(e, "target"))
    line.ending = targetText(
      readTarget(e.xtName ?? "", e.rev ?? 0, e.info ?? new Uint8Array(0), line.family),
      line.family,
    );
  else if (isExpr(e, "immediate") && e.data?.verdict) {
    const { verdict, chain } = verdictOf(e.data.verdict);
    line.ending =
      chain === undefined ? `-j ${verdicts[verdict] ?? verdict}` : `-${verdict === "goto" ? "g" : "j"} ${chain}`;
  } else if (isExpr(e, "limit")) line.parts.push(`-m limit --limit ${e.rate}/${units[e.unit ?? 1]}${burst(e.burst)}`);
  else if (isExpr(e, "log")) {
    const prefix =
      e.prefix === undefined ? "" : ` --${e.group === undefined ? "log" : "nflog"}-prefix ${quoted(e.prefix)}`;
    line.ending = e.group === undefined ? `-j LOG${prefix}` : `-j NFLOG${prefix} --nflog-group ${e.group}`;
  } else line.parts.push(`# unknown expression ${e.name}`);
};

const units: Readonly<Record<number, string>> = { 1: "sec", 60: "min", 3600: "hour", 86400: "day" };
const burst = (n: number | undefined): string => (n === undefined || n === 5 ? "" : ` --limit-burst ${n}`);

/** `-A CHAIN ...` */
export const iptablesText = (table: Table, rule: Rule, ipsets: ReadonlyMap<number, IpSet>): string => {
  const line = new Line(table.family === "ip6" ? 6 : 4, ipsets);
  for (const e of rule.exprs) read(line, e);
  return line.text(rule.chain);
};
