/** L6: Flannel was here. */

import { vxlanProbe } from "../../kernel/probe/vxlan.ts";
import type { LabFault } from "../break/fault.ts";
import { tunnel } from "../break/pieces.ts";

export const leftoverFault: LabFault = {
  name: "leftover",
  title: "another network plugin has left its link and its files",
  hint: "whose links are on the node, and which plugin does the config name?",
  foundBy: ["L6"],
  needs: vxlanProbe,
  break: (ground) => ({
    steps: [tunnel(ground, "flannel.1", 1, 8472)],
    files: [{ path: "/run/flannel/subnet.env", to: { text: "FLANNEL_NETWORK=10.42.0.0/16\n" } }],
  }),
};
