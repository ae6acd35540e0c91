/** Can nf_tables ask for the state of a connection? */
import { probe } from "./answer.ts";
import { tryRule } from "./nft-rule.ts";

export const nftCtProbe = probe("nft ct state", () =>
  tryRule(
    { type: "filter", hook: 1 },
    [{ name: "ct", dreg: 1, key: 0 }],
    "CONFIG_NF_CONNTRACK and CONFIG_NFT_CT: modprobe nft_ct",
  ),
);
