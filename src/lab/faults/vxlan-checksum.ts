/** L4: a tunnel over a driver that spoils its checksums. */

import { vxlanProbe } from "../../kernel/probe/vxlan.ts";
import type { LabFault } from "../break/fault.ts";
import { tunnel } from "../break/pieces.ts";

export const vxlanChecksumFault: LabFault = {
  name: "vxlan-checksum",
  title: "the driver below a tunnel spoils checksums",
  hint: "the first packets of each connection are lost: which driver has the card, and what does ethtool -k say of the tunnel?",
  foundBy: ["L4"],
  needs: vxlanProbe,
  break: (ground) => ({
    steps: [tunnel(ground, "overlay0", 9, 4790)],
    files: [{ path: "/sys/class/net/eth0/device/uevent", to: { text: "DRIVER=vmxnet3\n" } }],
  }),
};
