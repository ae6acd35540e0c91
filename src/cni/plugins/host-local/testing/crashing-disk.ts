/** A disk on which a process dies at its n-th file call, or on which that call alone fails. For tests. */
import { FaultError } from "../../../../base/fault.ts";
import type { Disk, Files } from "../disk.ts";

export type Ending = "killed" | "ENOSPC";

export class Killed extends Error {}

type Call = (...args: unknown[]) => unknown;

/**
 * `killed`: the call and all after it do nothing, as for a process that is gone; a write at that moment is half done, and
 * its descriptors are closed, which gives the lock back. `ENOSPC`: only that call fails and the process goes on.
 */
export const crashingDisk = (real: Disk, at: number, ending: Ending): Disk & { readonly calls: number } => {
  let calls = 0;
  let dead = false;
  const open = new Set<number>();
  const die = (name: string, args: unknown[]): never => {
    if (name === "writeSync") writeHalf(real.files, args);
    dead = true;
    for (const fd of open) real.files.closeSync(fd);
    throw new Killed(`killed in ${name}`);
  };
  const step = (name: string, args: unknown[]): void => {
    if (dead) throw new Killed("dead already");
    if (calls++ !== at) return;
    if (ending === "killed") die(name, args);
    // As the real ones: a call on a descriptor does not know the path.
    const path = typeof args[0] === "string" ? args[0] : "an open file";
    if (mayFail.has(name)) throw new FaultError({ kind: "io", op: name, path, errno: "ENOSPC" });
  };
  const wrap =
    (name: string, call: Call): Call =>
    (...args) => {
      step(name, args);
      const result = call(...args);
      if (name === "openSync") open.add(result as number);
      if (name === "closeSync") open.delete(args[0] as number);
      return result;
    };
  const wrapped = Object.fromEntries(callNames.map((name) => [name, wrap(name, real.files[name] as Call)]));
  return {
    files: wrapped as unknown as Files,
    lock: (fd) => {
      step("lock", []);
      real.lock(fd);
    },
    bootId: real.bootId,
    get calls() {
      return calls;
    },
  };
};

const callNames = [
  "accessSync",
  "closeSync",
  "existsSync",
  "findStat",
  "fstatSync",
  "fsyncSync",
  "ftruncateSync",
  "linkSync",
  "mkdirSync",
  "openSync",
  "readFileSync",
  "readSync",
  "readdirSync",
  "renameSync",
  "statSync",
  "unlinkSync",
  "utimesSync",
  "writeSync",
] as const satisfies readonly (keyof Files)[];

/** Calls that need room on the disk. */
const mayFail = new Set<string>([
  "fsyncSync",
  "ftruncateSync",
  "linkSync",
  "mkdirSync",
  "openSync",
  "renameSync",
  "utimesSync",
  "writeSync",
]);

const writeHalf = (files: Files, [fd, data]: unknown[]): void => {
  const bytes = typeof data === "string" ? Buffer.from(data) : (data as Uint8Array);
  files.writeSync(fd as number, bytes.subarray(0, bytes.length >> 1));
};
