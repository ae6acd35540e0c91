/** R3: strict filtering on a node of two cards. */

import { tryCidr } from "../../base/cidr.ts";
import type { LabFault } from "../break/fault.ts";
import { secondCard } from "../break/pieces.ts";

export const rpFilterFault: LabFault = {
  name: "rp-filter",
  title: "a node of two cards throws away what comes by the other one",
  hint: "packets arrive, tcpdump sees them, and nobody gets them: what does the kernel think of their sender?",
  foundBy: ["R3"],
  break: (ground) => ({
    steps: [
      ...secondCard(ground),
      // TEST-NET-2 (RFC 5737)
      { do: "address.add", in: ground.node.netns, address: { link: "eth1", address: tryCidr("198.51.100.2/24")! } },
      { do: "sysctl.set", in: ground.node.netns, name: "net/ipv4/conf/all/rp_filter", value: "1" },
    ],
  }),
};
