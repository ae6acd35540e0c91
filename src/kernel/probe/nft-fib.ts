/** Can nf_tables ask the routing table: is this address the node's own? */
import { probe } from "./answer.ts";
import { tryRule } from "./nft-rule.ts";

export const nftFibProbe = probe("nft fib", () =>
  tryRule(
    { type: "filter", hook: 1 },
    // The type of the destination's address.
    [{ name: "fib", dreg: 1, result: 3, flags: 2 }],
    "CONFIG_NFT_FIB_INET: modprobe nft_fib_inet",
  ),
);
