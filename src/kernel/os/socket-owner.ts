/** The process that has a socket open: /proc/PID/fd links to `socket:[INODE]` (proc(5)). Slow: for messages. */
import { readFileSync } from "./files.ts";

export interface SocketOwner {
  readonly pid: number;
  /** /proc/PID/comm. */
  readonly name: string;
}

/** The first process found; undefined when there is none, or none that we may look into. */
export const findSocketOwner = (inode: number): SocketOwner | undefined => {
  const { readdirSync, readlinkSync } = process.getBuiltinModule("node:fs");
  const wanted = `socket:[${inode}]`;
  for (const pid of readdirSync("/proc"))
    if (Number(pid) > 0)
      try {
        for (const fd of readdirSync(`/proc/${pid}/fd`))
          if (readlinkSync(`/proc/${pid}/fd/${fd}`) === wanted)
            return { pid: Number(pid), name: readFileSync(`/proc/${pid}/comm`).trim() };
      } catch {
        // It ended meanwhile, or is not ours to look at.
      }
  return undefined;
};
