/** Can sysctls be written? In many containers /proc/sys is read-only. */
import { FaultError } from "../../base/fault.ts";
import { readSysctl, writeSysctl } from "../os/sysctl.ts";
import { no, probe, yes } from "./answer.ts";
import { inThrowaway } from "./throwaway.ts";

const name = "net/ipv4/ip_forward";

export const sysctlWritableProbe = probe("sysctl writable", () => {
  try {
    inThrowaway(() => writeSysctl(name, readSysctl(name) ?? "0"));
    return yes;
  } catch (error) {
    const errno = error instanceof FaultError && error.fault.kind === "io" ? error.fault.errno : undefined;
    if (errno === "EROFS") return no("/proc/sys mounted read-write: mount -o remount,rw /proc/sys");
    if (errno === "EACCES" || errno === "EPERM") return no("root");
    throw error;
  }
});
