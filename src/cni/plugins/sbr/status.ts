/** STATUS: would an ADD succeed? Nothing is changed, and nothing is made to find out. */
import { FaultError } from "../../../base/fault.ts";
import { netAdminProbe } from "../../../kernel/probe/net-admin.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { listRules } from "../../../net/rules.ts";

/** @throws FaultError unavailable */
export const status = (kernel: Kernel): void => {
  const admin = netAdminProbe.ask();
  if (admin.is === "no") throw new FaultError({ kind: "unavailable", why: `no permission, needs ${admin.needs}` });
  try {
    listRules(kernel.host);
  } catch (error) {
    const fault = error instanceof FaultError ? error.fault : undefined;
    if (fault?.kind !== "kernel" || !["EOPNOTSUPP", "EAFNOSUPPORT"].includes(fault.errno)) throw error;
    const why = "this kernel has no routing rules";
    throw new FaultError({ kind: "unavailable", why, fix: "use a kernel with CONFIG_IP_MULTIPLE_TABLES" }, error);
  }
};
