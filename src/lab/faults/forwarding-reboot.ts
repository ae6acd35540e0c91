/** R1, off after a reboot: a hardening guide in a file of a late name. */
import type { LabFault } from "../break/fault.ts";

export const forwardingRebootFault: LabFault = {
  name: "forwarding-reboot",
  title: "the node will not forward packets after a reboot",
  hint: "it works now: which file has the last word at boot?",
  foundBy: ["R1"],
  break: () => ({
    files: [
      {
        path: "/etc/sysctl.d/99-hardening.conf",
        to: { text: "net.ipv4.ip_forward = 0\nnet.ipv6.conf.all.forwarding = 0\n" },
      },
    ],
  }),
};
