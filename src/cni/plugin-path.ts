/** Programs in CNI_PATH: where one is, and whether it is this very executable under another name. */
import { FaultError } from "../base/fault.ts";
import { findStat, isFile, isFolder, statSync } from "../kernel/os/files.ts";

/** Where distributions and installers put plugins: looked at only for advice. */
const usualFolders = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni", "/etc/cni/bin"];

const isFileAt = (path: string): boolean => {
  const s = findStat(path);
  return s !== undefined && isFile(s);
};
const isFolderAt = (path: string): boolean => {
  const s = findStat(path);
  return s !== undefined && isFolder(s);
};
const join = (folder: string, name: string): string => (folder.endsWith("/") ? folder + name : `${folder}/${name}`);

/** The first regular file of that name (the executable bit is not looked at, as in the reference). @throws FaultError not-found */
export const findProgram = (type: string, path: readonly string[]): string => {
  for (const folder of path) if (isFileAt(join(folder, type))) return join(folder, type);
  const searched = path.map((folder) => (isFolderAt(folder) ? folder : `${folder} (which does not exist)`));
  const elsewhere = usualFolders.find((folder) => !path.includes(folder) && isFileAt(join(folder, type)));
  throw new FaultError({
    kind: "not-found",
    what: `plugin ${type}`,
    why: searched.length > 0 ? `not in ${searched.join(", ")}` : "CNI_PATH is empty",
    fix: elsewhere
      ? `export CNI_PATH=${[...path.filter(isFolderAt), elsewhere].join(":")}`
      : `install ${type} into ${path.find(isFolderAt) ?? path[0] ?? usualFolders[0]}`,
  });
};

/** The same file (device and inode) as the running executable, whatever its name or links. */
export const isOwnProgram = (file: string): boolean => {
  const there = statSync(file);
  const self = statSync("/proc/self/exe");
  return there.dev === self.dev && there.ino === self.ino;
};
