/** F2: a filter between the nodes keeps a port closed. */
import { match, protocol, th } from "../../net/nft/build.ts";
import { portKey } from "../../net/nft/keys.ts";
import type { LabFault } from "../break/fault.ts";
import { dropOnTheWay } from "../break/underlay-filter.ts";

export const securityGroupFault: LabFault = {
  name: "security-group",
  title: "the network between the nodes drops what goes to the node's kubelet",
  hint: "kubectl logs hangs for pods of one node, whose own firewall is open: who tries the port from elsewhere?",
  foundBy: ["F2"],
  peers: [],
  break: (ground) => ({
    steps: [dropOnTheWay(ground, "security-group", [protocol("tcp"), match(th.dport, portKey(10250))])],
  }),
};
