/** Writing to whoever reads our output, as long as they do. */
import { FaultError } from "../base/fault.ts";
import { writeAll } from "./write-all.ts";

/** A reader such as `head` that has seen enough ends us without a word, as SIGPIPE ends other programs: 128 + 13. */
export const writeToReader = (fd: number, text: string): void => {
  try {
    writeAll(fd, text);
  } catch (error) {
    if (!(error instanceof FaultError && error.fault.kind === "io" && error.fault.errno === "EPIPE")) throw error;
    process.exit(141);
  }
};
