/** Programs in CNI_PATH: where one is, and whether it is this very executable under another name. */
import { statSync } from "node:fs";
import { join } from "node:path/posix";
import { FaultError } from "../base/fault.ts";

/** Where distributions and installers put plugins: looked at only for advice. */
const usualFolders = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni", "/etc/cni/bin"];

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The first regular file of that name (the executable bit is not looked at, as in the reference). @throws FaultError not-found */
export const findProgram = (type: string, path: readonly string[]): string => {
  for (const folder of path) if (isFile(join(folder, type))) return join(folder, type);
  const searched = path.map((folder) => (isFolder(folder) ? folder : `${folder} (which does not exist)`));
  const elsewhere = usualFolders.find((folder) => !path.includes(folder) && isFile(join(folder, type)));
  throw new FaultError({
    kind: "not-found",
    what: `plugin ${type}`,
    why: searched.length > 0 ? `not in ${searched.join(", ")}` : "CNI_PATH is empty",
    fix: elsewhere
      ? `export CNI_PATH=${[...path.filter(isFolder), elsewhere].join(":")}`
      : `install ${type} into ${path.find(isFolder) ?? path[0] ?? usualFolders[0]}`,
  });
};

/** The same file (device and inode) as the running executable, whatever its name or links. */
export const isOwnProgram = (file: string): boolean => {
  const there = statSync(file);
  const self = statSync("/proc/self/exe");
  return there.dev === self.dev && there.ino === self.ino;
};
