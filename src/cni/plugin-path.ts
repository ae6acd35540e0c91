/** Programs in CNI_PATH: where one is, and whether it is this very executable under another name. */
import { statSync } from "node:fs";
import { join } from "node:path/posix";
import { FaultError } from "../base/fault.ts";

/** The first regular file of that name (the executable bit is not looked at, as in the reference). @throws FaultError not-found */
export const findProgram = (type: string, path: readonly string[]): string => {
  const found = path
    .map((folder) => join(folder, type))
    .find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  if (found) return found;
  throw new FaultError({
    kind: "not-found",
    what: `plugin ${type}`,
    why: path.length === 0 ? "CNI_PATH is empty" : `is in none of the folders of CNI_PATH: ${path.join(", ")}`,
    fix: `install ${type} in a folder of CNI_PATH`,
  });
};

/** The same file (device and inode) as the running executable, whatever its name or links. */
export const isOwnProgram = (file: string): boolean => {
  const there = statSync(file);
  const self = statSync("/proc/self/exe");
  return there.dev === self.dev && there.ino === self.ino;
};
