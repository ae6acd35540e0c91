/** F1: a web server on kubelet's port. */
import type { LabFault } from "../break/fault.ts";

export const portTakenFault: LabFault = {
  name: "port-taken",
  title: "another program has kubelet's port",
  hint: "kubelet does not start: who listens on the port that it wants?",
  foundBy: ["F1"],
  break: () => ({ processes: [{ name: "nginx", listen: { protocol: "tcp", port: 10250 } }] }),
};
