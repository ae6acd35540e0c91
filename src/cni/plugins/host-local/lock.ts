/** The lock of a network's directory: flock on `lock`, as the reference takes it, so the two exclude each other. */
import { O } from "../../../kernel/os/files.ts";
import { type Disk, unlessMissing } from "./disk.ts";

/** An open descriptor that holds the lock; undefined when there is no directory and `create` is false. */
export const takeLock = (disk: Disk, dir: string, create: boolean): number | undefined => {
  const { files } = disk;
  const path = `${dir}/lock`;
  const open = () => unlessMissing(() => files.openSync(path, O.rdonly | O.creat, 0o750));
  for (;;) {
    let fd = open();
    if (fd === undefined) {
      if (!create) return undefined;
      files.mkdirSync(dir, 0o755);
      fd = open();
      if (fd === undefined) continue;
    }
    try {
      disk.lock(fd);
      const here = files.findStat(path);
      // Someone may have removed the directory while we waited: a lock on a file that has no name excludes no one.
      if (here?.ino === files.fstatSync(fd).ino) return fd;
    } catch (error) {
      files.closeSync(fd);
      throw error;
    }
    files.closeSync(fd);
  }
};
