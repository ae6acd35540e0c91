/** The processes of a network namespace, from /proc (proc(5)). */
import { readFileSync } from "node:fs";
import { namespaceOf, processIds, startOf, unlessGone } from "./proc.ts";
import { sys } from "./syscall.ts";

export interface Process {
  readonly pid: number;
  /** /proc/PID/comm: the program's name, 15 characters at most. */
  readonly name: string;
}

/** With its start, as `startOf` gives it: a process id alone may be someone else's by now. */
export interface ProcessMark {
  readonly pid: number;
  readonly start: string;
}

/**
 * Those of a namespace (`net:[4026531840]`, as /proc/PID/ns/net links). `hidden` says what becomes of those whose namespace
 * may not be looked at: another user's, without root.
 */
export const listProcesses = (netns: string, hidden: "leave out" | "take"): Process[] =>
  processIds().flatMap((pid): Process[] => {
    const there = namespaceOf(pid, "net");
    if (there === undefined ? hidden === "leave out" : there !== netns) return [];
    const name = unlessGone(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim());
    return name ? [{ pid, name }] : [];
  });

const SIGKILL = 9;

/** Kills that very process; false when it is gone already. */
export const killProcess = ({ pid, start }: ProcessMark): boolean => {
  const fd = sys("pidfd_open", pid, 0);
  if (fd < 0) return false;
  try {
    // The descriptor holds the process: whoever it is now stays it.
    return startOf(pid) === start && sys("pidfd_send_signal", fd, SIGKILL, null, 0) === 0;
  } finally {
    sys("close", fd);
  }
};
