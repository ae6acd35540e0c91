/** Processes by the namespace they are in, as `ip netns pids` finds them, and a way to end them for sure. */
import { statSync } from "node:fs";
import { namespaceOf, processIds, startOf } from "./proc.ts";
import { sys } from "./syscall.ts";

const SIGKILL = 9;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;

/** As in /proc/PID/ns. */
export type NsKind = "net" | "user";

/** `net:[4026531840]` for a path; undefined when there is nothing. */
const identityOf = (kind: NsKind, path: string): string | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && `${kind}:[${stat.ino}]`;
};

/** Ids of the living processes in any of these namespaces, ourselves left out: a dead one still names its user namespace. */
const processesIn = (kind: NsKind, identities: ReadonlySet<string>): number[] =>
  processIds().filter(
    (pid) => pid !== process.pid && identities.has(namespaceOf(pid, kind) ?? "") && startOf(pid) !== undefined,
  );

/** epoll on a pidfd becomes readable when the process has ended (pidfd_open(2)). */
const waitForEnd = (pidfd: number): void => {
  const epoll = sys("epoll_create1", 0);
  const event = new Uint8Array(16);
  new DataView(event.buffer).setUint32(0, EPOLLIN, true);
  if (sys("epoll_ctl", epoll, EPOLL_CTL_ADD, pidfd, event) === 0) sys("epoll_pwait", epoll, event, 1, -1, null, 8);
  sys("close", epoll);
};

/** Kills every process in these namespaces and waits until it is gone. Gives how many there were. */
export const endProcessesIn = (kind: NsKind, paths: readonly string[]): number => {
  const identities = new Set(paths.map((path) => identityOf(kind, path)).filter((id) => id !== undefined));
  let ended = 0;
  // Again, since one of them may have started another just before it was killed.
  for (let pids = processesIn(kind, identities); pids.length > 0; pids = processesIn(kind, identities)) {
    const fds = pids.map((pid) => sys("pidfd_open", pid, 0)).filter((fd) => fd >= 0);
    // By descriptor: the id could be another's by now.
    const killed = fds.filter((fd) => sys("pidfd_send_signal", fd, SIGKILL, null, 0) === 0);
    for (const fd of killed) waitForEnd(fd);
    for (const fd of fds) sys("close", fd);
    if (killed.length === 0) break;
    ended += killed.length;
  }
  return ended;
};
