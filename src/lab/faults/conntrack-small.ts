/** M1: the table of connections of a machine with little memory. */
import type { LabFault } from "../break/fault.ts";

export const conntrackSmallFault: LabFault = {
  name: "conntrack-small",
  title: "the table of connections is small",
  hint: "new connections fail when many are open, and the kernel's log says why: how many may there be?",
  foundBy: ["M1"],
  break: () => ({ files: [{ path: "/proc/sys/net/netfilter/nf_conntrack_max", to: { text: "7936\n" } }] }),
};
