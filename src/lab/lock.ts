/** One command at a time changes a lab: flock(2) on a file beside its folder. Ends with the process, however it ends. */
import { closeSync, fstatSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { must, sys } from "../kernel/os/syscall.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;

/** `waiting` is called when someone else holds it. The file goes with the lock: nothing stays behind. */
export const lockFile = (path: string, waiting: () => void): Disposable => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  for (;;) {
    const fd = openSync(path, "a", 0o600);
    if (sys("flock", fd, LOCK_EX | LOCK_NB) < 0) {
      waiting();
      must(sys("flock", fd, LOCK_EX), `lock ${path}`);
    }
    if (isThere(path, fd))
      return {
        [Symbol.dispose]: () => {
          rmSync(path, { force: true });
          closeSync(fd);
        },
      };
    closeSync(fd); // the holder before us removed the file that we waited on
  }
};

const isThere = (path: string, fd: number): boolean => {
  try {
    return statSync(path).ino === fstatSync(fd).ino;
  } catch {
    return false;
  }
};
