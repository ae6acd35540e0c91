/** R5: systemd-networkd as it comes. */
import type { LabFault } from "../break/fault.ts";

export const networkdFault: LabFault = {
  name: "networkd",
  title: "systemd-networkd takes away routes that it has not made",
  hint: "pods are unreachable after a cable was out and in: who cleans up?",
  foundBy: ["R5"],
  break: () => ({ processes: [{ name: "systemd-network" }] }),
};
