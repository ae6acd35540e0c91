/**
 * Processes from /proc: whose sockets, and who they are. A process may end between two looks, and others' are not ours to
 * look at: what cannot be known is left out, and counted.
 */
import { PROC, processIds, unlessGone } from "../../kernel/os/proc.ts";
import { userName } from "./users.ts";

/** Loaded when it is needed: most that is shown needs no files, and the program starts often. */
const fs = () => process.getBuiltinModule("node:fs");

export interface ProcessRow {
  readonly pid: number;
  /** /proc/PID/comm: at most 15 characters. */
  readonly comm: string;
  /** The name of the user it runs as, or the number. */
  readonly user: string;
  readonly uid: number;
  /** Its command line; of a kernel thread, none. */
  readonly command: string;
}

/** Undefined when it has ended. */
export const processOf = (pid: number, proc = PROC): ProcessRow | undefined =>
  unlessGone(() => {
    const uid = fs().statSync(`${proc}/${pid}`).uid;
    const comm = fs().readFileSync(`${proc}/${pid}/comm`, "utf8").trimEnd();
    const command = (unlessGone(() => fs().readFileSync(`${proc}/${pid}/cmdline`, "utf8")) ?? "").replace(/\0+$/, "");
    return { pid, comm, user: userName(uid) ?? String(uid), uid, command: command.replaceAll("\0", " ") };
  });

export interface SocketOwners {
  /** Processes that have a socket open, by its inode. */
  readonly of: ReadonlyMap<number, readonly ProcessRow[]>;
  /** Processes whose descriptors we may not see. */
  readonly hidden: number;
}

/** Looks through every process once, for these sockets. */
export const socketOwners = (inodes: ReadonlySet<number>, proc = PROC): SocketOwners => {
  const of = new Map<number, ProcessRow[]>();
  let hidden = 0;
  if (inodes.size === 0) return { of, hidden };
  for (const pid of processIds(proc)) {
    const seen = new Set<number>();
    let fds: string[];
    try {
      fds = fs().readdirSync(`${proc}/${pid}/fd`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EACCES") hidden++;
      continue;
    }
    for (const fd of fds) {
      const target = unlessGone(() => fs().readlinkSync(`${proc}/${pid}/fd/${fd}`));
      if (!target?.startsWith("socket:[")) continue;
      const inode = Number(target.slice(8, -1));
      if (!inodes.has(inode) || seen.has(inode)) continue;
      seen.add(inode);
    }
    const row = seen.size > 0 ? processOf(pid, proc) : undefined;
    if (row) for (const inode of seen) of.set(inode, [...(of.get(inode) ?? []), row]);
  }
  return { of, hidden };
};
