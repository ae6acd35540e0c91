/** STATUS: what every plugin that makes interfaces needs of the host. */
import { FaultError } from "../../base/fault.ts";
import { isSysctlWritable } from "../../kernel/os/sysctl.ts";
import type { Probe } from "../../kernel/probe/answer.ts";
import { netAdminProbe } from "../../kernel/probe/net-admin.ts";
import type { Kernel } from "../../net/kernel.ts";

/** @throws FaultError unavailable */
export const needPrivileges = (kernel: Kernel): void => {
  const admin = netAdminProbe.ask();
  if (admin.is === "no") throw new FaultError({ kind: "unavailable", why: `no permission, needs ${admin.needs}` });
  // Every ADD sets some, below net/ipv6 at least.
  if (!kernel.host.enter(() => isSysctlWritable("net/ipv4/ip_forward")))
    throw new FaultError({
      kind: "unavailable",
      why: "/proc/sys cannot be written, and every ADD sets a sysctl",
      fix: "mount -o remount,rw /proc/sys",
    });
};

/** What the kernel has to be able to do. Only a clear no counts: ADD will tell the rest. @throws FaultError unavailable */
export const needOfKernel = ({ name, ask }: Probe): void => {
  const answer = ask();
  if (answer.is !== "no") return;
  const [needs = "", fix] = answer.needs.split(": ");
  throw new FaultError({ kind: "unavailable", why: `this kernel has no ${name}, needs ${needs}`, ...(fix && { fix }) });
};
