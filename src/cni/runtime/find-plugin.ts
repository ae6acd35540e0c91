/** From a plugin's `type` to the program that is it. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { FaultError } from "../../base/fault.ts";

/** Where distributions and installers put plugins: looked at only for advice. */
const usualFolders = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni", "/etc/cni/bin"];

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The first regular file of that name (spec 1.1.0, section 3); whether it may be run the kernel says. @throws FaultError not-found */
export const findPlugin = (type: string, path: readonly string[]): string => {
  for (const folder of path) if (isFile(join(folder, type))) return join(folder, type);
  const searched = path.map((folder) => (isFolder(folder) ? folder : `${folder} (which does not exist)`));
  const elsewhere = usualFolders.find((folder) => !path.includes(folder) && isFile(join(folder, type)));
  throw new FaultError({
    kind: "not-found",
    what: `plugin ${type}`,
    why: searched.length > 0 ? `not in ${searched.join(", ")}` : "no folder was given to look in",
    fix: elsewhere
      ? `export CNI_PATH=${[...path.filter(isFolder), elsewhere].join(":")}`
      : `install ${type} into ${path.find(isFolder) ?? path[0] ?? usualFolders[0]}`,
  });
};
