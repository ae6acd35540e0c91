/** SELinux: the context of programs that we start (proc_pid_attr(5)). */
import { FaultError } from "../../base/fault.ts";
import { closeSync, existsSync, O, openSync, writeSync } from "./files.ts";

export const hasSelinux = (): boolean => existsSync("/sys/fs/selinux/enforce");

/** Of this thread alone, which is the one that starts programs. */
const attribute = "/proc/thread-self/attr/exec";
const set = (context: string): void => {
  const fd = openSync(attribute, O.wronly);
  try {
    writeSync(fd, context);
  } finally {
    closeSync(fd);
  }
};
/** The kernel's word for: as the policy has it. */
const none = "\n";

/** What `act` starts, synchronously, runs in that context. @throws FaultError bad-value, permission */
export const startingIn = <T>(context: string, act: () => T): T => {
  try {
    set(context);
  } catch (error) {
    const errno = error instanceof FaultError && error.fault.kind === "io" ? error.fault.errno : "";
    if (errno === "EINVAL")
      throw new FaultError(
        { kind: "bad-value", what: "SELinux context", got: JSON.stringify(context), want: "one that the policy knows" },
        error,
      );
    if (errno !== "EACCES" && errno !== "EPERM") throw error;
    throw new FaultError({ kind: "permission", op: "start programs in another context", needs: "setexec" }, error);
  }
  try {
    return act();
  } finally {
    set(none);
  }
};
