/** I6: kubelet's flags from the first machine of a Vagrantfile. */
import type { LabFault } from "../break/fault.ts";

export const nodeIpFault: LabFault = {
  name: "node-ip",
  title: "kubelet is told an address that the node does not have",
  hint: "which address is the node registered with, and on which link is it?",
  foundBy: ["I6"],
  break: () => ({
    files: [{ path: "/etc/default/kubelet", to: { text: "KUBELET_EXTRA_ARGS=--node-ip=10.0.2.15\n" } }],
  }),
};
