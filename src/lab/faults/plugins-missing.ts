/** L8: the plugins were installed by halves. */
import type { LabFault } from "../break/fault.ts";

export const pluginsMissingFault: LabFault = {
  name: "plugins-missing",
  title: "a plugin that the network config names is not installed",
  hint: "compare the types in the config with what is in the folder of plugins",
  foundBy: ["L8"],
  break: () => ({ files: [{ path: "/opt/cni/bin/host-local", to: "gone" }] }),
};
