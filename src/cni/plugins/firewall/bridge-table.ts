/** `isolated` within a bridge: no frame from a pod's port to another, nor to it. What is routed the other table stops. */
import type { BaseOfTable } from "../../../net/nft/base.ts";
import { iifname, inSet, oifname, rule, verdict } from "../../../net/nft/build.ts";
import type { NftSet, Table } from "../../../net/nft/types.ts";

const table: Table = { family: "bridge", name: "podwire_firewall" };
/** The host's ends of pods' veths. */
export const isolated: NftSet = { name: "isolated", key: ["ifname"] };
/** NF_BR_PRI_FILTER_BRIDGED */
const FILTER = -200;

export const bridgeBase: BaseOfTable = {
  table,
  sets: [isolated],
  chains: [
    {
      name: "forward",
      base: { type: "filter", hook: "forward", priority: FILTER },
      rules: [
        rule([inSet([iifname], "isolated"), verdict("drop")]),
        rule([inSet([oifname], "isolated"), verdict("drop")]),
      ],
    },
  ],
};
