/** Tries a rule of nf_tables in a namespace that nothing goes through: in a table, a base chain, and then it. */
import { FaultError } from "../../base/fault.ts";
import { F } from "../codec/message.ts";
import type { Expr } from "../codec/nft/expressions.ts";
import {
  batchMessage,
  chainMessage,
  NFNL_BATCH,
  NFT_MSG,
  nfproto,
  ruleMessage,
  tableMessage,
} from "../codec/nft/messages.ts";
import { type NetlinkRequest, openNetlink } from "../conn/netlink.ts";
import { type Answer, no, yes } from "./answer.ts";
import { inThrowaway } from "./throwaway.ts";

export interface TriedChain {
  readonly type: "filter" | "nat";
  /** NF_INET_*: 1 input, 4 postrouting. */
  readonly hook: number;
}

/** What a kernel says that lacks nf_tables (its messages, or their place), or a kind of chain or expression. */
const lacking = ["ENOENT", "EINVAL", "EOPNOTSUPP", "EPROTONOSUPPORT"];

/** Can such a rule be made? Without expressions: such a chain. */
export const tryRule = (chain: TriedChain, expressions: readonly Expr[], needs: string): Answer =>
  inThrowaway(() => {
    using nf = openNetlink({ family: "netfilter" });
    const family = { family: nfproto.inet };
    const names = { table: "probe", chain: "probe" };
    const request = (type: number, op: string, payload: Uint8Array): NetlinkRequest => ({
      type,
      flags: F.create,
      op,
      payload,
    });
    const edge = (type: number): NetlinkRequest => ({
      type,
      op: "nft add",
      payload: batchMessage.write({ resId: NFNL_BATCH.subsystem }),
    });
    const { type, hook } = chain;
    try {
      nf.transaction(
        edge(NFNL_BATCH.begin),
        [
          request(NFT_MSG.newTable, "nft add table", tableMessage.write({ ...family, name: "probe" })),
          request(
            NFT_MSG.newChain,
            "nft add chain",
            chainMessage.write({ ...family, table: "probe", name: "probe", hook: { num: hook, priority: 100 }, type }),
          ),
          ...(expressions.length > 0
            ? [
                request(
                  NFT_MSG.newRule,
                  "nft add rule",
                  ruleMessage.write({ ...family, ...names, expressions: [...expressions] }),
                ),
              ]
            : []),
        ],
        edge(NFNL_BATCH.end),
      );
      return yes;
    } catch (error) {
      const { fault } = error instanceof FaultError ? error : { fault: undefined };
      const first = fault?.kind === "many" ? fault.of[0] : fault;
      if (first?.kind === "kernel" && lacking.includes(first.errno)) return no(needs);
      throw error;
    }
  });
