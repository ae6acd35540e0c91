/** L3 between nodes: something on the way takes less than the links at both ends promise. */
import type { LabFault } from "../break/fault.ts";

export const narrowPathFault: LabFault = {
  name: "narrow-path",
  title: "the way to the node is narrower than the links at its ends",
  hint: "ping works, large answers hang, and every link has the same MTU: how large a packet arrives?",
  foundBy: ["L3"],
  peers: [],
  break: ({ node, lab }) => ({
    steps: [{ do: "link.set", in: lab.underlayNetns, name: node.name, set: { mtu: lab.mtu - 100 } }],
  }),
};
