/** Can nf_tables masquerade: put the node's address for the pod's? */
import { probe } from "./answer.ts";
import { tryRule } from "./nft-rule.ts";

export const nftMasqueradeProbe = probe("nft masquerade", () =>
  tryRule({ type: "nat", hook: 4 }, [{ name: "masq" }], "CONFIG_NFT_NAT and CONFIG_NFT_MASQ: modprobe nft_masq"),
);
