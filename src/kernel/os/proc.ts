/** Processes in /proc (proc(5)). node:fs is loaded when it is asked for: most that shows something needs none of it. */
const fs = () => process.getBuiltinModule("node:fs");

/** Where processes are; tests have another. */
export const PROC = "/proc";

/** What may end between two looks, and is not always ours to look at: undefined then. */
export const unlessGone = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch {
    return undefined;
  }
};

/** Of every process, the oldest first as long as the numbers have not come round. */
export const processIds = (proc = PROC): number[] =>
  fs()
    .readdirSync(proc)
    .map(Number)
    .filter((pid) => pid > 0)
    .sort((a, b) => a - b);

/** `net:[4026531840]`, as /proc/PID/ns links. */
export const namespaceOf = (pid: number, kind: string): string | undefined =>
  unlessGone(() => fs().readlinkSync(`${PROC}/${pid}/ns/${kind}`));

/**
 * Clock ticks from boot to its start (field 22 of /proc/PID/stat): a process id alone may be someone else's by now. Undefined when
 * there is no such process, or it has ended and nobody has asked yet (`Z`, `X`).
 */
export const startOf = (pid: number): string | undefined =>
  unlessGone(() => {
    const stat = fs().readFileSync(`${PROC}/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return /^[ZX]/.test(fields[0]!) ? undefined : fields[19];
  });
