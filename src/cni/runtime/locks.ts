/**
 * Who may run when (spec 1.1.0, section 2): one operation on a container at a time, over all its networks; GC alone on
 * the node. Holds across processes that share the cache folder, and ends with the process, however it ends.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type LockMode, openRangeLocks, type RangeLocks } from "../../kernel/os/range-lock.ts";
import { ownFolder } from "./cache.ts";

export interface Locks {
  /** ADD, DEL, CHECK. */
  onContainer<T>(containerId: string, act: () => Promise<T>): Promise<T>;
  /** GC. */
  onNode<T>(act: () => Promise<T>): Promise<T>;
}

/** Bytes of the lock file. */
const nodeByte = 0;
/** GC keeps it while it waits, and everyone passes it, so that newcomers cannot keep GC waiting for ever. */
const gateByte = 1;
const containerBytes = 16;

/** A byte of its own for each container: 48 bits of a hash, so that two never meet in practice, and only wait if they do. */
const byteOf = (containerId: string): number =>
  containerBytes + createHash("sha256").update(containerId).digest().readUIntBE(0, 6);

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Blocking in the kernel would stop the operations of ours that others wait for, and the kernel tells no one of a release. */
const take = async (file: RangeLocks, at: number, mode: LockMode): Promise<void> => {
  for (let wait = 1; !file.try(at, mode); wait = Math.min(wait * 2, 50)) await sleep(wait);
};

/** In this process the next in line is woken at once, in order. */
const queues = new Map<string, Promise<unknown>>();
const inLine = async <T>(key: string, act: () => Promise<T>): Promise<T> => {
  const before = queues.get(key) ?? Promise.resolve();
  const mine = before.then(act, act);
  const settled = mine.catch(() => undefined);
  queues.set(key, settled);
  try {
    return await mine;
  } finally {
    if (queues.get(key) === settled) queues.delete(key);
  }
};

export const openLocks = (cacheDir: string): Locks => {
  const open = (): RangeLocks => openRangeLocks(join(ownFolder(cacheDir), "lock"));
  return {
    onContainer: (containerId, act) =>
      inLine(`${cacheDir}\0${containerId}`, async () => {
        using file = open();
        await take(file, gateByte, "shared");
        await take(file, nodeByte, "shared");
        file.try(gateByte, "none");
        await take(file, byteOf(containerId), "exclusive");
        return await act();
      }),
    onNode: async (act) => {
      using file = open();
      await take(file, gateByte, "exclusive");
      await take(file, nodeByte, "exclusive");
      return await act();
    },
  };
};
