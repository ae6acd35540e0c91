/** A plugin executable's streams: all of stdin, and an answer as its last words. */
import type { SkelOutput } from "../cni/introduce.ts";
import { fstatSync, isCharacterDevice, readText } from "../kernel/os/files.ts";
import { sys } from "../kernel/os/syscall.ts";
import { writeAll } from "./write-all.ts";

/** All of stdin; nothing from a terminal, which would wait for someone to type. */
export const readStdin = (): string => (isCharacterDevice(fstatSync(0)) ? "" : readText(0));

export const endWith = ({ stdout, stderr, exit }: SkelOutput): void => {
  if (stderr) writeAll(2, stderr);
  if (stdout) writeAll(1, stdout);
  // At once: all that was opened is the kernel's to close, and nothing is left to be said.
  sys("exit_group", exit);
};
