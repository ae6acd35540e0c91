/** F6: the policy that Docker gives FORWARD. */
import type { LabFault } from "../break/fault.ts";

const table = { family: "ip", name: "filter" } as const;

export const forwardDropFault: LabFault = {
  name: "forward-drop",
  title: "what is passed on is dropped, as Docker leaves it",
  hint: "pods reach each other on this node and nobody beyond it, while ip_forward is 1: what is FORWARD's policy?",
  foundBy: ["F6"],
  break: ({ node }) => ({
    steps: [
      {
        do: "nft",
        in: node.netns,
        changes: [
          { do: "table.add", table, exclusive: true },
          {
            do: "chain.add",
            table,
            chain: { name: "FORWARD", base: { type: "filter", hook: "forward", priority: 0, policy: "drop" } },
          },
        ],
      },
    ],
  }),
};
