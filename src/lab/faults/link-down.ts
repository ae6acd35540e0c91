/** L1: a cable that is out. */
import type { LabFault } from "../break/fault.ts";

export const linkDownFault: LabFault = {
  name: "link-down",
  title: "the node's link to the others is down",
  hint: "begin at the bottom: ip link",
  foundBy: ["L1"],
  break: ({ node }) => ({ steps: [{ do: "link.set", in: node.netns, name: "eth0", set: { up: false } }] }),
};
