/** Targets of iptables: what they change, and how they end a rule. */
import type { ExprOf } from "../../../kernel/codec/nft/expressions.ts";
import { type NatRange, readTarget, type XtTarget } from "../../../kernel/codec/xtables/targets.ts";
import { wordKey } from "../../../net/nft/keys.ts";
import { anything, type Bits, exactly, maskXor } from "./bits.ts";
import { end, goOn, type Machine, type Move, withState } from "./machine.ts";
import { masquerade, redirect, translate, translateRange } from "./nat.ts";

type Of<K extends XtTarget["is"]> = Extract<XtTarget, { readonly is: K }>;

const portOf = (r: NatRange): Bits | undefined =>
  r.ports === undefined
    ? undefined
    : r.ports.from === r.ports.to
      ? exactly(Uint8Array.of(r.ports.from >> 8, r.ports.from & 255))
      : anything(2);

const nat = (m: Machine, which: "src" | "dst", r: NatRange): Move[] => {
  const port = portOf(r);
  if (!r.from || !r.to) return translate(m, which, { port });
  return translateRange(m, which, r.from, r.to, port);
};

/** NETMAP: the network is replaced, the rest of the address stays. Before routing that is the destination. */
const netmap = (m: Machine, r: NatRange): Move[] => {
  const which = m.state.hook === "prerouting" || m.state.hook === "output" ? "dst" : "src";
  return translate(m, which, { address: r.from && anything(r.from.length) }).map((move) => ({
    ...move,
    doubt: "the mapping of a network",
  }));
};

/** `(old & ~mask) ^ value` of a mark. */
const remarked = (old: Bits, mask: number, value: Bits): Bits => {
  const kept = maskXor(old, wordKey(~mask >>> 0), new Uint8Array(4));
  return {
    bytes: kept.bytes.map((x, i) => (x ^ value.bytes[i]!) & kept.known[i]! & value.known[i]!),
    known: kept.known.map((k, i) => k & value.known[i]!),
  };
};

const connmark = (m: Machine, x: Of<"connmark">): Move[] => {
  const { mark, ctMark, tracking } = m.state;
  if (tracking !== "tracked") return goOn(m);
  if (x.mode === "set") return goOn(withState(m, { ctMark: remarked(ctMark, x.mask, exactly(wordKey(x.mark))) }));
  const through = (b: Bits, mask: number): Bits => maskXor(b, wordKey(mask), new Uint8Array(4));
  return x.mode === "save"
    ? goOn(withState(m, { ctMark: remarked(ctMark, x.mask, through(mark, x.nfmask)) }))
    : goOn(withState(m, { mark: remarked(mark, x.nfmask, through(ctMark, x.mask)) }));
};

const run = (m: Machine, x: XtTarget): Move[] => {
  switch (x.is) {
    case "reject":
      return end(m, { verdict: "reject" });
    case "mark":
      return goOn(withState(m, { mark: remarked(m.state.mark, x.mask, exactly(wordKey(x.mark))) }));
    case "connmark":
      return connmark(m, x);
    case "ct":
      return goOn(x.notrack && m.state.tracking === "none" ? withState(m, { tracking: "untracked" }) : m);
    case "dnat":
      return nat(m, "dst", x.range);
    case "snat":
      return nat(m, "src", x.range);
    case "redirect":
      return redirect(m, portOf(x.range));
    case "masquerade":
      return masquerade(m);
    case "netmap":
      return netmap(m, x.range);
    case "queue": {
      const doubt = `the program behind queue ${x.queue}`;
      return end(m, { verdict: "unclear", note: `queue ${x.queue}` }).map((move) => ({ ...move, doubt }));
    }
    case "log":
    case "goes-on":
      return goOn(m);
    default:
      return end(m, { verdict: "unclear", note: x.name }).map((move) => ({
        ...move,
        doubt: `target ${x.name}, which is not known here`,
      }));
  }
};

export const target = (m: Machine, e: ExprOf<"target">): Move[] =>
  run(m, readTarget(e.xtName ?? "", e.rev ?? 0, e.info ?? new Uint8Array(0), m.state.family));
