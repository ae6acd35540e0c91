/** What host-local needs of the machine: file calls one by one (so that a test can stop at any of them), a lock, the boot. */
import { FaultError } from "../../../base/fault.ts";
import * as fs from "../../../kernel/os/files.ts";

export type Files = Pick<
  typeof fs,
  | "accessSync"
  | "closeSync"
  | "existsSync"
  | "findStat"
  | "fstatSync"
  | "fsyncSync"
  | "ftruncateSync"
  | "linkSync"
  | "mkdirSync"
  | "openSync"
  | "readFileSync"
  | "readSync"
  | "readdirSync"
  | "renameSync"
  | "statSync"
  | "unlinkSync"
  | "utimesSync"
  | "writeSync"
>;

export interface Disk {
  readonly files: Files;
  /** Waits until no one else holds a lock on this open file; closing the descriptor gives it back. */
  lock(fd: number): void;
  /** Changes with every boot; empty when it cannot be told. */
  bootId(): string;
}

const readBootId = (): string => {
  try {
    return fs.readFileSync("/proc/sys/kernel/random/boot_id").trim();
  } catch {
    return "";
  }
};

export const systemDisk: Disk = { files: fs, lock: fs.lockExclusive, bootId: readBootId };

/** The errno name of a failed file call. */
export const errnoIn = (error: unknown): string | undefined =>
  error instanceof FaultError && error.fault.kind === "io" ? error.fault.errno : undefined;

/** What `act` gives, or undefined when the file is not there. */
export const unlessMissing = <T>(act: () => T): T | undefined => {
  try {
    return act();
  } catch (error) {
    if (errnoIn(error) === "ENOENT") return undefined;
    throw error;
  }
};
