/** A kernel whose n-th operation fails: each request, dump, sysctl access and entering counts as one. */

import { FaultError } from "../../base/fault.ts";
import type { Netlink } from "../../kernel/conn/netlink.ts";
import { opText } from "../../kernel/os/syscall.ts";
import type { Kernel, Netns } from "../../net/kernel.ts";

export interface Counted {
  readonly kernel: Kernel;
  /** Lines of what was done so far: the operation's name, or `read NAME` and `write NAME` for sysctls. */
  readonly done: readonly string[];
}

/**
 * `failAt` counts from 1; 0 never fails. What comes after a failure works again, since the way back has to; after
 * "killed" nothing does, and what was made stays. `meanwhile` is what someone
 * else does right before that operation, which then may well work.
 */
export const countingKernel = (
  real: Kernel,
  failAt = 0,
  how: "fails" | "killed" | "works" = "fails",
  meanwhile: () => void = () => {},
): Counted => {
  const done: string[] = [];
  const doors = new Map<Netns, Netns>();
  const count = <T>(op: string, act: () => T): T => {
    done.push(op);
    if (done.length === failAt) meanwhile();
    const dead = how === "killed" && failAt > 0 && done.length > failAt;
    if (dead || (done.length === failAt && how !== "works"))
      throw new FaultError({ kind: "kernel", op, errno: "ENOMEM", said: "as planned" });
    return act();
  };
  const wrapRt = (rt: Netlink): Netlink => ({
    request: (r) => count(opText(r.op), () => rt.request(r)),
    get: (r) => count(opText(r.op), () => rt.get(r)),
    dump: (r) => count(`dump: ${opText(r.op)}`, () => rt.dump(r)),
    some: (r, isWanted) => count(`some: ${opText(r.op)}`, () => rt.some(r, isWanted)),
    batch: (rs) => count("batch", () => rt.batch(rs)),
    transaction: (begin, rs, end) => count(opText(begin.op), () => rt.transaction(begin, rs, end)),
    close: () => rt.close(),
    [Symbol.dispose]: () => rt.close(),
  });
  const wrap = (ns: Netns): Netns => ({
    path: ns.path,
    fd: ns.fd,
    get rt() {
      return wrapRt(ns.rt);
    },
    get nf() {
      return wrapRt(ns.nf);
    },
    get diag() {
      return wrapRt(ns.diag);
    },
    enter: (act) => count("enter", () => ns.enter(act)),
    readSysctl: (name) => count(`read ${name}`, () => ns.readSysctl(name)),
    writeSysctl: (name, value) => count(`write ${name}`, () => ns.writeSysctl(name, value)),
    [Symbol.dispose]: () => ns[Symbol.dispose](),
  });
  const door = (ns: Netns): Netns => {
    const wrapped = doors.get(ns) ?? wrap(ns);
    doors.set(ns, wrapped);
    return wrapped;
  };
  const kernel: Kernel = {
    get host() {
      return door(real.host);
    },
    open: (path) => door(real.open(path)),
    forget: (path) => real.forget(path),
    inspect: (path) => real.inspect(path),
    [Symbol.dispose]: () => real[Symbol.dispose](),
  };
  return { kernel, done };
};
