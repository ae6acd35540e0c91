/**
 * Network namespaces: enter, create, name, delete. Named as iproute2 names them (a bind mount of the nsfs file under
 * /run/netns), so `ip netns` sees ours and we see its.
 */
import { FaultError } from "../../base/fault.ts";
import { errnoOf } from "./errno.ts";
import { closeSync, mkdirSync, O, openSync, readdirSync, statSync, unlinkSync } from "./files.ts";
import { cstr, must, sys } from "./syscall.ts";

export const netnsDir = "/run/netns";
const CLONE_NEWNET = 0x40000000;
const NSFS_MAGIC = 0x6e736673;
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SHARED = 1 << 20;
const MNT_DETACH = 2;
const self = "/proc/thread-self/ns/net";

const errnoNumber = (name: "ENOENT" | "ENOTDIR"): number => errnoOf(name) ?? 0;

/** `name` to `/run/netns/name`; a path stays as it is. */
export const netnsPath = (nameOrPath: string): string =>
  nameOrPath.includes("/") ? nameOrPath : `${netnsDir}/${nameOrPath}`;

/** Filesystem type of a path (statfs f_type); undefined when there is nothing. @throws FaultError permission, kernel */
const fsType = (path: string): number | undefined => {
  const buf = new Uint8Array(256);
  const r = sys("statfs", cstr(path), buf);
  if (r === -errnoNumber("ENOENT") || r === -errnoNumber("ENOTDIR")) return undefined;
  // Another process's /proc/PID/ns is for those who may trace it (ptrace(2), PTRACE_MODE_READ).
  must(r, `open network namespace ${path}`, path.startsWith("/proc/") ? "CAP_SYS_PTRACE" : "CAP_DAC_READ_SEARCH");
  return Number(new DataView(buf.buffer).getBigInt64(0, true) & 0xffffffffn);
};

/** NS_GET_NSTYPE (linux/nsfs.h): a mount or PID namespace lies on nsfs too. */
const isNetwork = (path: string): boolean => {
  const NS_GET_NSTYPE = 0xb703;
  const fd = openSync(path, O.rdonly);
  try {
    return sys("ioctl", fd, NS_GET_NSTYPE, 0) === CLONE_NEWNET;
  } finally {
    closeSync(fd);
  }
};

export type NetnsKind = "own" | "other" | "missing" | "not-a-netns";

/** What stands at a path, without entering it. */
export const inspectNetns = (path: string): NetnsKind => {
  const type = fsType(path);
  if (type === undefined) return "missing";
  if (type !== NSFS_MAGIC) return "not-a-netns";
  try {
    if (!isNetwork(path)) return "not-a-netns";
    const there = statSync(path);
    const here = statSync(self);
    return there.ino === here.ino && there.dev === here.dev ? "own" : "other";
  } catch {
    return "missing"; // a process that ended between the two looks
  }
};

/** Opens a namespace. The caller closes the descriptor. @throws FaultError bad-netns */
export const openNetns = (path: string): number => {
  const kind = inspectNetns(path);
  if (kind === "missing")
    throw new FaultError({ kind: "bad-netns", path, why: "does not exist", missing: true, fix: "ip netns list" });
  if (kind === "not-a-netns")
    throw new FaultError({ kind: "bad-netns", path, why: "is not a network namespace", fix: "ip netns list" });
  return openSync(path, O.rdonly);
};

/**
 * Runs `act` inside the namespace and comes back. Synchronous on purpose: `act` must not await, since the thread's
 * namespace is what changes. Not being able to come back ends the process: going on in the wrong one would be worse.
 */
export const inNetns = <T>(fd: number, act: () => T): T => {
  const home = openSync(self, O.rdonly);
  try {
    must(sys("setns", fd, CLONE_NEWNET), "enter network namespace", "CAP_SYS_ADMIN");
    try {
      const result = act();
      if (result instanceof Promise) throw new TypeError("inNetns: what runs inside a namespace must not await");
      return result;
    } finally {
      if (sys("setns", home, CLONE_NEWNET) < 0) process.abort();
    }
  } finally {
    closeSync(home);
  }
};

/** A new namespace without a name: it lives as long as the descriptor, which the caller closes. */
export const newNetns = (): number => {
  const home = openSync(self, O.rdonly);
  try {
    must(sys("unshare", CLONE_NEWNET), "create network namespace", "CAP_SYS_ADMIN");
    try {
      return openSync(self, O.rdonly);
    } finally {
      if (sys("setns", home, CLONE_NEWNET) < 0) process.abort();
    }
  } finally {
    closeSync(home);
  }
};

/** /run/netns as iproute2 leaves it: a shared mount of its own, so that names reach every mount namespace. */
const prepareDir = (): void => {
  mkdirSync(netnsDir, 0o755);
  const share = (): number => sys("mount", cstr(""), cstr(netnsDir), cstr("none"), MS_SHARED | MS_REC, null);
  if (share() === 0) return;
  must(
    sys("mount", cstr(netnsDir), cstr(netnsDir), cstr("none"), MS_BIND | MS_REC, null),
    `mount --bind ${netnsDir}`,
    "CAP_SYS_ADMIN",
  );
  must(share(), `mount --make-shared ${netnsDir}`, "CAP_SYS_ADMIN");
};

/** `ip netns add NAME`, at any path. @throws FaultError exists when there is a file already */
export const createNetns = (nameOrPath: string): string => {
  const path = netnsPath(nameOrPath);
  if (path.startsWith(`${netnsDir}/`)) prepareDir();
  try {
    closeSync(openSync(path, O.wronly | O.creat | O.excl, 0o444));
  } catch (error) {
    if (!(error instanceof FaultError && error.fault.kind === "io" && error.fault.errno === "EEXIST")) throw error;
    throw new FaultError(
      { kind: "exists", what: `network namespace ${path}`, why: "is there already", fix: `ip netns del ${nameOrPath}` },
      error,
    );
  }
  const home = openSync(self, O.rdonly);
  try {
    must(sys("unshare", CLONE_NEWNET), "create network namespace", "CAP_SYS_ADMIN");
    try {
      must(
        sys("mount", cstr(self), cstr(path), cstr("none"), MS_BIND, null),
        `mount --bind ${self} ${path}`,
        "CAP_SYS_ADMIN",
      );
    } finally {
      if (sys("setns", home, CLONE_NEWNET) < 0) process.abort();
    }
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(home);
  }
  return path;
};

/** `ip netns del NAME`. Gives false when there was none; a plain file left by a crash is removed too. */
export const deleteNetns = (nameOrPath: string): boolean => {
  const path = netnsPath(nameOrPath);
  sys("umount2", cstr(path), MNT_DETACH);
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "io" && error.fault.errno === "ENOENT") return false;
    throw error;
  }
};

/** Names under /run/netns, sorted. */
export const listNetns = (): string[] => {
  try {
    return readdirSync(netnsDir).sort();
  } catch {
    return [];
  }
};

/**
 * A number of the namespace we are in that no other has until the next boot (SO_NETNS_COOKIE, since 5.14), unlike the
 * inode, which the next namespace may get. Before 5.14 it is the inode.
 */
export const ownNetnsCookie = (): string => {
  const AF_INET = 2;
  const SOCK_DGRAM_CLOEXEC = 0x80002;
  const [SOL_SOCKET, SO_NETNS_COOKIE] = [1, 71];
  const fd = must(sys("socket", AF_INET, SOCK_DGRAM_CLOEXEC, 0), "open a socket", "nothing");
  const cookie = new Uint8Array(8);
  const length = Uint8Array.of(cookie.length, 0, 0, 0);
  const r = sys("getsockopt", fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, length);
  closeSync(fd);
  return r < 0 ? ownNetnsId() : String(new DataView(cookie.buffer).getBigUint64(0, true));
};

/** Inode of the namespace we are in: its identity while it lives. */
export const ownNetnsId = (): string => String(statSync(self).ino);
