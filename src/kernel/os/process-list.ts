/** The processes of a network namespace, from /proc (proc(5)). */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { sys } from "./syscall.ts";

export interface Process {
  readonly pid: number;
  /** /proc/PID/comm: the program's name, 15 characters at most. */
  readonly name: string;
}

/** Start time in clock ticks since boot (field 22 of /proc/PID/stat): a process id alone may be someone else's by now. */
export interface ProcessMark {
  readonly pid: number;
  readonly start: string;
}

/** Undefined when there is no such process, or it has ended and nobody has asked yet. */
export const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
};

const read = <T>(act: () => T): T | undefined => {
  try {
    return act();
  } catch {
    return undefined; // it ended meanwhile, or is not ours to look at
  }
};

/**
 * Those of a namespace (`net:[4026531840]`, as /proc/PID/ns/net links). `hidden` says what becomes of those whose namespace
 * may not be looked at: another user's, without root.
 */
export const listProcesses = (netns: string, hidden: "leave out" | "take"): Process[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid): Process[] => {
      const there = read(() => readlinkSync(`/proc/${pid}/ns/net`));
      if (there === undefined ? hidden === "leave out" : there !== netns) return [];
      const name = read(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim());
      return name ? [{ pid: Number(pid), name }] : [];
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
