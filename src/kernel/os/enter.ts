/** Entering a network namespace to stay, as `ip netns exec` does it: with its own host name and its own /sys. */
import { closeSync } from "node:fs";
import { openNetns } from "./netns.ts";
import { cstr, must, sys } from "./syscall.ts";

const CLONE_NEWNS = 0x20000;
const CLONE_NEWUTS = 0x4000000;
const CLONE_NEWNET = 0x40000000;
const MS_REC = 0x4000;
const MS_SLAVE = 1 << 19;
const MNT_DETACH = 2;

/** For a process that is about to become another program: nothing leads back. @throws FaultError bad-netns, permission */
export const enterForGood = (path: string, hostname: string): void => {
  const fd = openNetns(path);
  must(sys("setns", fd, CLONE_NEWNET), `enter ${path}`, "CAP_SYS_ADMIN");
  closeSync(fd);
  must(sys("unshare", CLONE_NEWNS | CLONE_NEWUTS), "unshare mounts and host name", "CAP_SYS_ADMIN");
  const name = Buffer.from(hostname);
  must(sys("sethostname", name, name.length), `set host name ${hostname}`, "CAP_SYS_ADMIN");
  const none = cstr("none");
  // Slave, so that the mount of /sys stays here while names of namespaces made later still arrive.
  must(sys("mount", none, cstr("/"), none, MS_REC | MS_SLAVE, null), "mount --make-rslave /", "CAP_SYS_ADMIN");
  // /sys/class/net shows the namespace it was mounted in. Without a new one only that view is wrong.
  sys("umount2", cstr("/sys"), MNT_DETACH);
  sys("mount", cstr("sysfs"), cstr("/sys"), cstr("sysfs"), 0, null);
};
