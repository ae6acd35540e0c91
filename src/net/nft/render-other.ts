/** Words for expressions that we read of others' rules, and write none of. */
import { type Expr, isExpr } from "../../kernel/codec/nft/expressions.ts";
import type { MoreWords } from "./render-rule.ts";
import type { ValueType } from "./render-value.ts";

type Loaded = readonly [text: string, type: ValueType, words?: number];

const metas: Readonly<Record<number, Loaded>> = {
  0: ["meta length", "unknown"],
  1: ["meta protocol", "unknown"],
  8: ["iiftype", "unknown"],
  9: ["oiftype", "unknown"],
  10: ["meta skuid", "iface_index"],
  11: ["meta skgid", "iface_index"],
  17: ["meta ibrname", "ifname", 4],
  18: ["meta obrname", "ifname", 4],
  19: ["meta pkttype", "inet_proto"],
  21: ["iifgroup", "iface_index"],
  22: ["oifgroup", "iface_index"],
};

const cts: Readonly<Record<number, Loaded>> = {
  1: ["ct direction", "inet_proto"],
  8: ["ct original saddr", "unknown"],
  9: ["ct original daddr", "unknown"],
  11: ["ct original proto-src", "inet_service"],
  12: ["ct original proto-dst", "inet_service"],
  19: ["ct original ip saddr", "ipv4_addr"],
  20: ["ct original ip daddr", "ipv4_addr"],
};

/** NFTA_FIB_F_*, in the order in which `nft` writes them. */
const fibParts = [
  [1, "saddr"],
  [2, "daddr"],
  [4, "mark"],
  [8, "iif"],
  [16, "oif"],
] as const;

/** What is loaded into a register. */
const load = (e: Expr): Loaded | undefined => {
  if (isExpr(e, "meta") && e.dreg !== undefined) return metas[e.key ?? -1];
  if (isExpr(e, "ct") && e.dreg !== undefined) return cts[e.key ?? -1];
  if (isExpr(e, "fib")) {
    const keys = fibParts.filter(([bit]) => (e.flags ?? 0) & bit).map(([, name]) => name);
    const result = e.result === 3 ? "type" : e.result === 2 ? "oifname" : (e.flags ?? 0) & 32 ? "oif exists" : "oif";
    return [`fib ${keys.join(" . ")} ${result}`, e.result === 3 ? "fib_addrtype" : "iface_index"];
  }
  if (isExpr(e, "numgen"))
    return [
      `numgen ${e.type === 0 ? "inc" : "random"} mod ${e.modulus}${e.offset ? ` offset ${e.offset}` : ""}`,
      "iface_index",
    ];
  if (isExpr(e, "hash")) return [`jhash mod ${e.modulus}`, "iface_index"];
  return undefined;
};

const icmpCodes: Readonly<Record<number, string>> = {
  0: "net-unreachable",
  1: "host-unreachable",
  2: "prot-unreachable",
  9: "net-prohibited",
  10: "host-prohibited",
  13: "admin-prohibited",
};
const icmp6Codes: Readonly<Record<number, string>> = { 0: "no-route", 1: "admin-prohibited", 3: "addr-unreachable" };
const icmpxCodes: readonly string[] = ["no-route", "port-unreachable", "host-unreachable", "admin-prohibited"];

const reject = (type: number | undefined, code: number, v6: boolean): string => {
  if (type === 1) return "reject with tcp reset";
  if (type === 2) return code === 1 ? "reject" : `reject with icmpx ${icmpxCodes[code] ?? code}`;
  if (code === (v6 ? 4 : 3)) return "reject";
  return v6 ? `reject with icmpv6 ${icmp6Codes[code] ?? code}` : `reject with icmp ${icmpCodes[code] ?? code}`;
};

const statement: MoreWords["statement"] = (e, before, portIn) => {
  if (isExpr(e, "reject"))
    return reject(
      e.type,
      e.code ?? 0,
      before.some((t) => /ip6|icmpv6|ipv6/.test(t)),
    );
  if (isExpr(e, "redir")) {
    const port = e.protoMin === undefined ? undefined : portIn(e.protoMin);
    return port === undefined ? "redirect" : `redirect to :${port}`;
  }
  if (isExpr(e, "masq")) return "masquerade";
  if (isExpr(e, "queue")) return `queue to ${e.num ?? 0}${(e.flags ?? 0) & 1 ? " bypass" : ""}`;
  if (isExpr(e, "connlimit")) return `ct count ${(e.flags ?? 0) & 1 ? "over " : ""}${e.count}`;
  if (isExpr(e, "quota")) return `quota ${(e.flags ?? 0) & 1 ? "over " : ""}${e.bytes} bytes`;
  if (isExpr(e, "dynset")) return `${e.op === 1 ? "update" : e.op === 2 ? "delete" : "add"} @${e.set} { ... }`;
  if (isExpr(e, "objref")) return `object ${JSON.stringify(e.objName ?? e.set ?? "")}`;
  if (isExpr(e, "last")) return "last used";
  return undefined;
};

export const otherWords: MoreWords = { load, statement };
