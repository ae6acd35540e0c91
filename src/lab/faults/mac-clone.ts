/** B1: a copy of a virtual machine whose card was copied too. */
import type { LabFault } from "../break/fault.ts";
import { eth0Mac, otherNode } from "../break/pieces.ts";

export const macCloneFault: LabFault = {
  name: "mac-clone",
  title: "two nodes have one MAC address",
  hint: "half of the pings get lost: who answers to ARP, and with what?",
  foundBy: ["B1"],
  break: (ground) => ({
    steps: [{ do: "link.set", in: ground.node.netns, name: "eth0", set: { mac: eth0Mac(otherNode(ground).host) } }],
  }),
};
