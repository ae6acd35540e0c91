/** L5: somebody's tunnel with the VNI and port that Flannel's wants. */

import { vxlanProbe } from "../../kernel/probe/vxlan.ts";
import type { LabFault } from "../break/fault.ts";
import { tunnel } from "../break/pieces.ts";

export const vxlanTakenFault: LabFault = {
  name: "vxlan-taken",
  title: "another tunnel has Flannel's VNI and port",
  hint: "ip -d link: which tunnels are there, and what are they told apart by?",
  foundBy: ["L5"],
  needs: vxlanProbe,
  break: (ground) => ({ steps: [tunnel(ground, "overlay0", 1, 8472)] }),
};
