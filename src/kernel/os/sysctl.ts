/** Sysctls: files under /proc/sys. Those below `net/` belong to the network namespace of the thread that opens them. */
import { FaultError } from "../../base/fault.ts";
import { sysctlName } from "../../base/sysctl-name.ts";
import { accessSync, closeSync, O, openSync, readFileSync, W_OK, writeSync } from "./files.ts";

/**
 * Path of a sysctl. Parts are separated by `/`, or by `.` when there is no `/`: the first separator decides, so that
 * an interface name with a dot can be written (`net/ipv4/conf/eth0.1/forwarding`), as sysctl(8) has it.
 * @throws FaultError bad-value for a name that leads out of /proc/sys
 */
export const sysctlPath = (name: string): string => {
  const dot = name.indexOf(".");
  const dotted = dot >= 0 && !name.slice(0, dot).includes("/");
  const slashed = dotted ? name.replace(/[./]/g, (c) => (c === "." ? "/" : ".")) : name;
  if (slashed.includes("\0") || slashed.split("/").some((part) => part === "" || part === "." || part === ".."))
    throw new FaultError({
      kind: "bad-value",
      what: "sysctl",
      got: JSON.stringify(name),
      want: "a name such as net.ipv4.ip_forward",
    });
  return `/proc/sys/${slashed}`;
};

const errnoIn = (error: unknown): string | undefined =>
  error instanceof FaultError && error.fault.kind === "io" ? error.fault.errno : undefined;

/** The value without its line end; undefined when the kernel has no such sysctl. */
export const readSysctl = (name: string): string | undefined => {
  try {
    return readFileSync(sysctlPath(name)).trimEnd();
  } catch (error) {
    const errno = errnoIn(error);
    if (errno === "ENOENT") return undefined;
    throw new FaultError({ kind: "io", op: "read sysctl", path: sysctlPath(name), errno: errno ?? "EIO" }, error);
  }
};

/** False in the many containers whose /proc/sys is read-only, and for one who may not write it. */
export const isSysctlWritable = (name: string): boolean => {
  try {
    accessSync(sysctlPath(name), W_OK);
    return true;
  } catch {
    return false;
  }
};

/** It may have been given in either spelling. */
const dotted = (name: string): string => sysctlName(sysctlPath(name).slice("/proc/sys/".length));

/** @throws FaultError io: EROFS on a read-only /proc/sys, ENOENT when there is none, EINVAL for a refused value */
export const writeSysctl = (name: string, value: string): void => {
  try {
    const fd = openSync(sysctlPath(name), O.wronly);
    try {
      // Writing nothing never reaches the sysctl; an empty line does.
      writeSync(fd, value || "\n");
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const errno = errnoIn(error) ?? "EIO";
    const fix =
      errno === "EROFS"
        ? "mount -o remount,rw /proc/sys"
        : errno === "EACCES" || errno === "EPERM"
          ? `sudo sysctl -w ${dotted(name)}=${value}`
          : errno === "ENOENT" && /^net[./]bridge[./]/.test(name)
            ? "modprobe br_netfilter"
            : undefined;
    throw new FaultError(
      { kind: "io", op: `set sysctl to ${value}:`, path: sysctlPath(name), errno, ...(fix ? { fix } : {}) },
      error,
    );
  }
};
