/** R1, off now: what a hardening guide switches off. */
import type { LabFault } from "../break/fault.ts";

export const forwardingFault: LabFault = {
  name: "forwarding",
  title: "the node does not forward packets",
  hint: "pods reach their own node and each other on it, and nothing beyond: what does a router do that a host does not?",
  foundBy: ["R1"],
  break: ({ lab, node }) => ({
    steps: lab.clusterCidrs.map(({ ip }) =>
      ip.includes(":")
        ? { do: "sysctl.set", in: node.netns, name: "net/ipv6/conf/all/forwarding", value: "0" }
        : { do: "sysctl.set", in: node.netns, name: "net/ipv4/ip_forward", value: "0" },
    ),
  }),
};
