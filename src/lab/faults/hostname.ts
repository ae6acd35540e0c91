/** I1: a name that Kubernetes refuses, as Windows and some installers let pass. */
import type { LabFault } from "../break/fault.ts";

export const hostnameFault: LabFault = {
  name: "hostname",
  title: "the node has a name that Kubernetes refuses",
  hint: "how may a host be called?",
  foundBy: ["I1"],
  break: () => ({
    files: [{ path: "/etc/hostname", to: { text: "Node_2\n" } }],
  }),
};
