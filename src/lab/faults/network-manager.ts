/** R7: NetworkManager as a desktop has it. */
import type { LabFault } from "../break/fault.ts";

export const networkManagerFault: LabFault = {
  name: "network-manager",
  title: "NetworkManager takes pods' links for its own",
  hint: "pods lose their address after some seconds: who else configures links here?",
  foundBy: ["R7"],
  break: () => ({ processes: [{ name: "NetworkManager" }] }),
};
