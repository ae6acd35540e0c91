/** STATUS: would an ADD succeed? Nothing is changed. */
import { FaultError } from "../../../base/fault.ts";
import { accessSync, W_OK, X_OK } from "../../../kernel/os/files.ts";
import { isSysctlWritable, readSysctl } from "../../../kernel/os/sysctl.ts";
import { netAdminProbe } from "../../../kernel/probe/net-admin.ts";
import { inThrowaway } from "../../../kernel/probe/throwaway.ts";
import type { Kernel } from "../../../net/kernel.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { needAllowed } from "./allowlist.ts";
import type { Sysctl, TuningConfig } from "./config.ts";
import type { TuningHost } from "./host.ts";
import { sysctlsOf } from "./plan.ts";

const unavailable = (why: string, fix?: string): FaultError =>
  new FaultError({ kind: "unavailable", why, ...(fix && { fix }) });

/** @throws FaultError unavailable, when an ADD now would fail */
export const status = async (r: Request<TuningConfig>, { kernel }: Ports, host: TuningHost): Promise<void> => {
  const { sysctls, dataDir } = r.config;
  const admin = netAdminProbe.ask();
  if (admin.is === "no") throw unavailable(`no permission, needs ${admin.needs}`);
  if (sysctls.length > 0) {
    checkAllowed(host, sysctls);
    checkSysctls(kernel, sysctlsOf(r.config, "lo"));
  }
  checkWritable(dataDir, dataDir);
};

const checkAllowed = (host: TuningHost, sysctls: readonly Sysctl[]): void => {
  try {
    if (host.files.findStat(host.allowlist)) needAllowed(host, sysctls);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw unavailable(error.message, `cat ${host.allowlist}`);
  }
};

/** `net/FAMILY/conf/INTERFACE/...`: every interface has the same ones, so loopback's answer for those of a pod. */
const perInterface = /^(net\/[^/]+\/(?:conf|neigh)\/)(?!all\/|default\/)[^/]+\//;

const checkSysctls = (kernel: Kernel, sysctls: readonly Sysctl[]): void => {
  if (!kernel.host.enter(() => isSysctlWritable("net/ipv4/ip_forward")))
    throw unavailable("/proc/sys cannot be written, and ADD sets sysctls", "mount -o remount,rw /proc/sys");
  const missing = missingIn(sysctls.map((s) => ({ ...s, name: s.name.replace(perInterface, "$1lo/") })));
  if (missing)
    throw unavailable(
      `sysctl ${missing.key}: there is none of that name in a new network namespace`,
      missing.name.startsWith("net/bridge/") ? "modprobe br_netfilter" : "unshare --net sysctl -a",
    );
};

/** The first that a new namespace has not. */
const missingIn = (sysctls: readonly Sysctl[]): Sysctl | undefined => {
  try {
    return inThrowaway(() => sysctls.find(({ name }) => isMissing(name)));
  } catch {
    return undefined; // nobody but ADD can tell then
  }
};

const isMissing = (name: string): boolean => {
  try {
    return readSysctl(name) === undefined;
  } catch {
    return false; // one that cannot be read is there
  }
};

/** The folder, or the nearest one above it that is there, has to take new files. */
const checkWritable = (dir: string, dataDir: string): void => {
  try {
    accessSync(dir, W_OK | X_OK);
  } catch (error) {
    const errno = error instanceof FaultError && error.fault.kind === "io" ? error.fault.errno : "EIO";
    const above = dir.slice(0, dir.lastIndexOf("/")) || "/";
    if (errno !== "ENOENT" || above === dir)
      throw unavailable(
        `former values cannot be kept in ${dataDir}: ${dir} is not writable: ${errno}`,
        `ls -ld ${dir}`,
      );
    checkWritable(above, dataDir);
  }
};
