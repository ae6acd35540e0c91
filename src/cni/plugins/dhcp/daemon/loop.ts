/** One thread, many descriptors: who is ready is called. Owns what it watches. */

import { FaultError } from "../../../../base/fault.ts";
import { EPOLL, openEpoll } from "../../../../kernel/os/epoll.ts";
import { errnoName } from "../../../../kernel/os/errno.ts";
import { closeSync } from "../../../../kernel/os/files.ts";

export interface Loop extends Disposable {
  /** Calls `ready` when there is something to read, or the other side is gone. @throws FaultError kernel */
  watch(fd: number, ready: () => void): void;
  /** Closes a watched descriptor. */
  close(fd: number): void;
  /** Waits at most `ms`, and calls whoever is ready. */
  turn(ms: number): void;
}

/** Milliseconds: epoll's clock stands still while the machine sleeps, leases do not. */
const longest = 60_000;

export const openLoop = (): Loop => {
  const epoll = openEpoll();
  // Tags are never used again, unlike descriptors: an event for one closed in the same turn finds nobody.
  const byTag = new Map<number, () => void>();
  const tags = new Map<number, number>();
  let lastTag = 0;
  return {
    watch: (fd, ready) => {
      const tag = ++lastTag;
      const r = epoll.add(fd, EPOLL.in, tag);
      if (r < 0) {
        closeSync(fd);
        throw new FaultError({ kind: "kernel", op: "watch a descriptor", errno: errnoName(-r) });
      }
      byTag.set(tag, ready);
      tags.set(fd, tag);
    },
    close: (fd) => {
      const tag = tags.get(fd);
      if (tag === undefined) return;
      tags.delete(fd);
      byTag.delete(tag);
      closeSync(fd);
    },
    turn: (ms) => {
      epoll.wait(Math.min(Math.max(0, Math.ceil(ms)), longest), (tag) => byTag.get(tag)?.());
    },
    [Symbol.dispose]: () => {
      for (const fd of tags.keys()) closeSync(fd);
      epoll[Symbol.dispose]();
    },
  };
};
