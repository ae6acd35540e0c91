/** R2: a node that keeps its bridges' frames from netfilter. */

import { bridgeNetfilterProbe } from "../../kernel/probe/bridge-netfilter.ts";
import type { LabFault } from "../break/fault.ts";

export const bridgeNetfilterFault: LabFault = {
  name: "bridge-netfilter",
  title: "what the pods' bridge passes on does not go through netfilter",
  hint: "a service answers from other nodes and not from its own: who puts its address back?",
  foundBy: ["R2"],
  needs: bridgeNetfilterProbe,
  break: ({ node }) => ({
    steps: ["iptables", "ip6tables"].map((what) => ({
      do: "sysctl.set",
      in: node.netns,
      name: `net/bridge/bridge-nf-call-${what}`,
      value: "0",
    })),
  }),
};
