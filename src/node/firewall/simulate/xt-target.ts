/** Targets of iptables: what they change, and how they end a rule. */
import type { ExprOf } from "../../../kernel/codec/nft/expressions.ts";
import { end, type Machine, type Move } from "./machine.ts";

export const target = (m: Machine, e: ExprOf<"target">): Move[] =>
  end(m, e.xtName === "REJECT" ? { verdict: "reject" } : { verdict: "unclear" }).map((move) => ({
    ...move,
    doubt: `target ${e.xtName}`,
  }));
