/** R6: udev with systemd's own .link file. */

import { vxlanProbe } from "../../kernel/probe/vxlan.ts";
import type { LabFault } from "../break/fault.ts";
import { tunnel } from "../break/pieces.ts";

export const macPolicyFault: LabFault = {
  name: "mac-policy",
  title: "udev changes the MAC address of tunnels",
  hint: "a tunnel has another MAC than it was made with: who else looks at new links?",
  foundBy: ["R6"],
  needs: vxlanProbe,
  break: (ground) => ({
    steps: [tunnel(ground, "overlay0", 9, 4790)],
    files: [
      {
        path: "/usr/lib/systemd/network/99-default.link",
        to: { text: "[Match]\nOriginalName=*\n\n[Link]\nMACAddressPolicy=persistent\n" },
      },
    ],
    processes: [{ name: "systemd-udevd" }],
  }),
};
