/** C1: a bridge of a container engine inside the pods' range. */

import { type Cidr, cidrFamily, lastOf } from "../../base/cidr.ts";
import { bitsOf, ipAdd } from "../../base/ip.ts";
import type { LabFault } from "../break/fault.ts";
import { isV6 } from "../break/pieces.ts";

/** The first address of the last sixteen. */
const endOf = (cluster: Cidr): Cidr => ({
  ip: ipAdd(lastOf(cluster), -14),
  prefix: bitsOf(cidrFamily(cluster)) - 4,
});

export const rangeOverlapFault: LabFault = {
  name: "range-overlap",
  title: "a bridge of something else has a piece of the pods' range",
  hint: "some pods are not reached from this node alone: which route is nearer?",
  foundBy: ["C1"],
  break: (ground) => {
    const address = endOf(ground.lab.clusterCidrs[0]!);
    return {
      steps: [
        { do: "link.add", in: ground.node.netns, link: { name: "docker0", up: true, info: { kind: "bridge" } } },
        { do: "address.add", in: ground.node.netns, address: { link: "docker0", address, nodad: isV6(ground) } },
      ],
    };
  },
};
