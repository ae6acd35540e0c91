/** K2: what Debian 11 and Ubuntu 20.04 came with. */
import type { LabFault } from "../break/fault.ts";

export const oldKernelFault: LabFault = {
  name: "old-kernel",
  title: "the kernel is too old for kube-proxy's nftables mode",
  hint: "kube-proxy ends at once, and only in its newer mode: what does uname -r say?",
  foundBy: ["K2"],
  break: () => ({ files: [{ path: "/proc/sys/kernel/osrelease", to: { text: "5.4.0-216-generic\n" } }] }),
};
