/** I7: a stranger on the underlay with the address of the node. */
import type { LabFault } from "../break/fault.ts";
import { needIpv4 } from "../break/pieces.ts";
import { segmentBridge } from "../plan/underlay.ts";

export const duplicateAddressFault: LabFault = {
  name: "duplicate-address",
  title: "somebody else has the node's address",
  hint: "ask the link who has it: arping -D",
  foundBy: ["I7"],
  break: (ground) => ({
    steps: [
      {
        do: "address.add",
        in: ground.lab.underlayNetns,
        address: { link: segmentBridge(ground.node.segment), address: { ip: needIpv4(ground), prefix: 32 } },
      },
    ],
  }),
};
