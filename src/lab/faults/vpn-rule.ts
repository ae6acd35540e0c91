/** R4: a VPN with a rule of its own, whose routes have the pods in them. */

import { tryCidr } from "../../base/cidr.ts";
import { routeProtocols } from "../../kernel/codec/route/route.ts";
import type { LabFault } from "../break/fault.ts";
import { isV6 } from "../break/pieces.ts";

export const vpnRuleFault: LabFault = {
  name: "vpn-rule",
  title: "a VPN takes the packets that are for pods",
  hint: "the routes are right, and are not asked: ip rule",
  foundBy: ["R4", "C1"],
  break: (ground) => {
    const { netns } = ground.node;
    const v6 = isV6(ground);
    const dst = tryCidr(v6 ? "fd00::/8" : "10.0.0.0/8")!;
    return {
      steps: [
        { do: "link.add", in: netns, link: { name: "vpn0", up: true, info: { kind: "bridge" } } },
        { do: "route.add", in: netns, route: { dst, link: "vpn0", table: 52, protocol: routeProtocols.boot } },
        {
          do: "rule.add",
          in: netns,
          rule: { family: v6 ? 6 : 4, table: 52, priority: 5270, protocol: routeProtocols.boot },
        },
      ],
    };
  },
};
