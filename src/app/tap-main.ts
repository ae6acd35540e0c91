/** This program as the maker of one tap device: see kernel/os/tap-maker.ts. */
import { sys } from "../kernel/os/syscall.ts";
import { tapMain } from "../kernel/os/tap-maker.ts";
import { writeAll } from "./write-all.ts";

export const makeOneTap = (): void => {
  const [exit, said] = tapMain(process.argv.slice(2));
  if (said !== "") writeAll(2, said);
  sys("exit_group", exit);
};
