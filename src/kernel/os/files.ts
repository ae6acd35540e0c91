/** File calls that node:fs lacks. */
import { must, sys } from "./syscall.ts";

/** linux/fcntl.h */
const LOCK_EX = 2;

/** flock(2), exclusive, of an open file: waits for other holders; given back when the descriptor is closed. */
export const lockExclusive = (fd: number): void => {
  must(sys("flock", fd, LOCK_EX), "flock", "permission to lock the file");
};
