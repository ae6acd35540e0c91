/** Matches of iptables, on what is known of the packet. */
import type { ExprOf } from "../../../kernel/codec/nft/expressions.ts";
import { decide, type Machine, type Move } from "./machine.ts";

export const match = (m: Machine, e: ExprOf<"match">): Move[] =>
  decide(m, e.xtName === "comment" || undefined, `match ${e.xtName}`);
