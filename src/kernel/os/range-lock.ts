/**
 * Locks on parts of one file (fcntl(2), open file description locks): shared or exclusive, across processes, given back
 * when the descriptor is closed, so also when the process is killed. Unlike a lock file per thing, nothing piles up and
 * there is no race with whoever removes one.
 */
import { closeSync, constants, openSync } from "node:fs";
import { must, sys } from "./syscall.ts";

/** asm-generic/fcntl.h */
const F_OFD_SETLK = 37;
const lockType = { shared: 0 /* F_RDLCK */, exclusive: 1 /* F_WRLCK */, none: 2 /* F_UNLCK */ } as const;
export type LockMode = keyof typeof lockType;

const EAGAIN = 11;
const EACCES = 13;

/** struct flock of 64-bit Linux: type, whence (0, SEEK_SET), start, length, pid (0 for these locks). */
const flock = (mode: LockMode, at: number): Uint8Array => {
  const b = new Uint8Array(32);
  const view = new DataView(b.buffer);
  view.setInt16(0, lockType[mode], true);
  view.setBigInt64(8, BigInt(at), true);
  view.setBigInt64(16, 1n, true);
  return b;
};

/** The file that locks are taken on, opened for one holder. The file is made when it is missing. */
export interface RangeLocks extends Disposable {
  /** Locks the byte at `at`, or gives false when another holder is in the way; `none` gives it back. */
  try(at: number, mode: LockMode): boolean;
}

export const openRangeLocks = (path: string): RangeLocks => {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  return {
    try: (at, mode) => {
      const r = sys("fcntl", fd, F_OFD_SETLK, flock(mode, at));
      if (r === -EAGAIN || r === -EACCES) return false;
      must(r, `lock ${path}`, "permission to lock the file");
      return true;
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
};
