/** Output of the process, at once and whole: `process.stdout` is slow to load, and loses what a full pipe does not take. */
import { FaultError } from "../base/fault.ts";
import { writeSync } from "../kernel/os/files.ts";

/** Writes all of it, also into a pipe that is full for the moment. */
export const writeAll = (fd: number, text: string): void => writeAllBytes(fd, new TextEncoder().encode(text));

/** The same with bytes. */
export const writeAllBytes = (fd: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; )
    try {
      at += writeSync(fd, bytes.subarray(at));
    } catch (error) {
      if (!(error instanceof FaultError && error.fault.kind === "io" && error.fault.errno === "EAGAIN")) throw error;
    }
};
