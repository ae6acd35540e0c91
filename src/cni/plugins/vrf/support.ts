/** What is said where the kernel has no VRFs. */
import { FaultError } from "../../../base/fault.ts";

export const noVrfs = (cause?: unknown): FaultError =>
  new FaultError(
    {
      kind: "unavailable",
      why: "this kernel makes no VRFs: it needs the module vrf (CONFIG_NET_VRF)",
      fix: "modprobe vrf",
    },
    cause,
  );
