/** L3: an underlay that is narrower than the pods were told. */
import type { LabFault } from "../break/fault.ts";

export const mtuFault: LabFault = {
  name: "mtu",
  title: "the node's link is narrower than its pods' links",
  hint: "small requests work and large ones hang: compare the MTU along the way",
  foundBy: ["L3"],
  break: ({ node, lab }) => ({
    steps: [{ do: "link.set", in: node.netns, name: "eth0", set: { mtu: lab.mtu - 100 } }],
  }),
};
