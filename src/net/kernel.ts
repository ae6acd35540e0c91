/**
 * The kernel as plugins, lab and agent see it: doors into network namespaces. A door is opened once, its sockets stay
 * in that namespace, and everything done through it happens there, wherever the thread is.
 */
import { type Netlink, openNetlink } from "../kernel/conn/netlink.ts";
import type { WireLog } from "../kernel/conn/wire-log.ts";
import { closeFd } from "../kernel/os/netlink-socket.ts";
import { inNetns, inspectNetns, type NetnsKind, openNetns } from "../kernel/os/netns.ts";
import { readSysctl, writeSysctl } from "../kernel/os/sysctl.ts";

/** One network namespace. */
export interface Netns extends Disposable {
  /** Path it was opened by; empty for the one we run in. */
  readonly path: string;
  /** Descriptor of the namespace, for IFLA_NET_NS_FD; undefined for our own. */
  readonly fd: number | undefined;
  /** rtnetlink, opened on first use. */
  readonly rt: Netlink;
  /** nfnetlink (nf_tables, conntrack), opened on first use. */
  readonly nf: Netlink;
  /** sock_diag (sockets), opened on first use. */
  readonly diag: Netlink;
  /** Runs `act` inside, synchronously: open sockets or start processes in it, never await. */
  enter<T>(act: () => T): T;
  readSysctl(name: string): string | undefined;
  writeSysctl(name: string, value: string): void;
}

export interface Kernel extends Disposable {
  /** The namespace we run in. */
  readonly host: Netns;
  /** The door to a path, opened once; empty is `host`. @throws FaultError bad-netns */
  open(path: string): Netns;
  /** Closes the door to a path: an open one keeps a deleted namespace alive. */
  forget(path: string): void;
  inspect(path: string): NetnsKind;
}

export interface KernelOptions {
  readonly wireLog?: WireLog;
}

const openDoor = (path: string, options: KernelOptions): Netns => {
  const fd = path === "" ? undefined : openNetns(path);
  let rt: Netlink | undefined;
  let nf: Netlink | undefined;
  let diag: Netlink | undefined;
  const enter = <T>(act: () => T): T => (fd === undefined ? act() : inNetns(fd, act));
  return {
    path,
    fd,
    get rt() {
      rt ??= openNetlink({ ...options, ...(fd === undefined ? {} : { netns: fd }) });
      return rt;
    },
    get nf() {
      nf ??= openNetlink({ ...options, family: "netfilter", ...(fd === undefined ? {} : { netns: fd }) });
      return nf;
    },
    get diag() {
      diag ??= openNetlink({ ...options, family: "sockDiag", ...(fd === undefined ? {} : { netns: fd }) });
      return diag;
    },
    enter,
    readSysctl: (name) => enter(() => readSysctl(name)),
    writeSysctl: (name, value) => enter(() => writeSysctl(name, value)),
    [Symbol.dispose]: () => {
      rt?.close();
      nf?.close();
      diag?.close();
      rt = undefined;
      nf = undefined;
      diag = undefined;
      if (fd !== undefined) closeFd(fd);
    },
  };
};

export const openKernel = (options: KernelOptions = {}): Kernel => {
  const doors = new Map<string, Netns>();
  const open = (path: string): Netns => {
    const door = doors.get(path) ?? openDoor(path, options);
    doors.set(path, door);
    return door;
  };
  return {
    get host() {
      return open("");
    },
    open,
    forget: (path) => {
      doors.get(path)?.[Symbol.dispose]();
      doors.delete(path);
    },
    inspect: inspectNetns,
    [Symbol.dispose]: () => {
      for (const door of doors.values()) door[Symbol.dispose]();
      doors.clear();
    },
  };
};
