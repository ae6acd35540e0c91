/** M4: somebody wanted more ports for outgoing connections. */
import type { LabFault } from "../break/fault.ts";

export const portRangeFault: LabFault = {
  name: "port-range",
  title: "outgoing connections take ports of services",
  hint: "a NodePort fails once in a while, and works when tried again: who else may have its number?",
  foundBy: ["M4"],
  break: ({ node }) => ({
    steps: [{ do: "sysctl.set", in: node.netns, name: "net/ipv4/ip_local_port_range", value: "1024 65535" }],
  }),
};
