/** F9: a network that lets TCP and UDP through, and nothing else. */
import { l4proto, match } from "../../net/nft/build.ts";
import type { LabFault } from "../break/fault.ts";
import { needIpv4 } from "../break/pieces.ts";
import { dropOnTheWay } from "../break/underlay-filter.ts";

const IPIP = 4;

export const tunnelBlockedFault: LabFault = {
  name: "tunnel-blocked",
  title: "the network between the nodes drops IP in IP on its way to the node",
  hint: "every port is open, yet a network plugin with IP in IP brings no packet to the node's pods",
  foundBy: ["F9"],
  peers: ["calico"],
  break: (ground) => {
    needIpv4(ground);
    return { steps: [dropOnTheWay(ground, "tunnel-blocked", [match(l4proto, Uint8Array.of(IPIP))])] };
  },
};
