/** `podwire node show` in its plain forms: a process that is over before the command line would have been loaded. */
import { sys } from "../kernel/os/syscall.ts";
import { quickShow } from "./commands/node/quick-show.ts";
import { writeToReader } from "./write-to-reader.ts";

/** Comes back when it takes the command line to know what is meant, or what is wrong; nothing was written then. */
export const showMain = async (argv: readonly string[]): Promise<void> => {
  if (await quickShow(argv, writeToReader)) sys("exit_group", 0);
};
