/** R4: flushed rules. */

import { routeProtocols, routeTables } from "../../kernel/codec/route/route.ts";
import type { LabFault } from "../break/fault.ts";
import { isV6 } from "../break/pieces.ts";

export const mainRuleFault: LabFault = {
  name: "main-rule",
  title: "the main routing table is not asked any more",
  hint: "every route is there, and the network is unreachable: who asks the table?",
  foundBy: ["R4"],
  break: (ground) => ({
    steps: [
      {
        do: "rule.del",
        in: ground.node.netns,
        rule: {
          family: isV6(ground) ? 6 : 4,
          table: routeTables.main,
          priority: 32766,
          protocol: routeProtocols.kernel,
        },
      },
    ],
  }),
};
