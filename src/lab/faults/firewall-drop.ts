/** F5: a table of somebody's own drops what another table lets in. */
import { match, protocol, rule, th, verdict } from "../../net/nft/build.ts";
import { portKey } from "../../net/nft/keys.ts";
import type { LabFault } from "../break/fault.ts";

const table = { family: "inet", name: "filter" } as const;

export const firewallDropFault: LabFault = {
  name: "firewall-drop",
  title: "a rule drops what is sent to kubelet",
  hint: "kubectl logs hangs for pods of this node: is its port open, and in every table of rules?",
  foundBy: ["F5"],
  break: ({ node }) => ({
    steps: [
      {
        do: "nft",
        in: node.netns,
        changes: [
          { do: "table.add", table, exclusive: true },
          { do: "chain.add", table, chain: { name: "input", base: { type: "filter", hook: "input", priority: 10 } } },
          {
            do: "rule.add",
            table,
            chain: "input",
            rule: rule([protocol("tcp"), match(th.dport, portKey(10250)), verdict("drop")]),
          },
        ],
      },
    ],
  }),
};
