/** L9: the bridge of a pod CIDR that was. */

import { tryCidr } from "../../base/cidr.ts";
import type { LabFault } from "../break/fault.ts";
import { isV6, needBridge } from "../break/pieces.ts";
import { bridgeName } from "../plan/config.ts";

export const bridgeAddressFault: LabFault = {
  name: "bridge-address",
  title: "the pods' bridge still has the address of an old pod CIDR",
  hint: "compare the bridge's addresses with the subnet in the network config",
  foundBy: ["L9"],
  break: (ground) => {
    needBridge(ground, bridgeName);
    const address = tryCidr(isV6(ground) ? "fd00:dead:1::1/64" : "172.31.9.1/24")!;
    return {
      steps: [
        { do: "address.add", in: ground.node.netns, address: { link: bridgeName, address, nodad: isV6(ground) } },
      ],
    };
  },
};
