/** L2: a default route that a tunnel left when it closed. */

import { tryCidr } from "../../base/cidr.ts";
import { routeProtocols } from "../../kernel/codec/route/route.ts";
import type { LabFault } from "../break/fault.ts";
import { closedTunnel, isV6 } from "../break/pieces.ts";

export const defaultRouteFault: LabFault = {
  name: "default-route",
  title: "the default route leads into a link without carrier",
  hint: "where does ip route send what it does not know, and is anybody there?",
  foundBy: ["L2"],
  break: (ground) => ({
    steps: [
      ...closedTunnel(ground),
      {
        do: "route.add",
        in: ground.node.netns,
        route: { dst: tryCidr(isV6(ground) ? "::/0" : "0.0.0.0/0")!, link: "vpn0", protocol: routeProtocols.static },
      },
    ],
  }),
};
