/** The plugin executables that a lab uses: this program's own, unless another folder is asked for. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { FaultError } from "../base/fault.ts";

const needed = ["bridge", "host-local"];

/** Beside the compiled program, or where a build from source puts it. */
const ownDirs = (): string[] => [join(dirname(process.execPath), "cni"), join(import.meta.dir, "../../dist/cni")];

const hasNeeded = (dir: string): boolean => needed.every((name) => existsSync(join(dir, name)));

/** @throws FaultError not-found */
export const findPlugins = (asked: string | undefined): { dir: string; executables: string[] } => {
  const dir = (asked === undefined ? ownDirs() : [asked]).find(hasNeeded);
  if (dir === undefined)
    throw new FaultError({
      kind: "not-found",
      what: `CNI plugins ${needed.join(" and ")}`,
      why: `are not in ${asked ?? ownDirs().join(" or ")}`,
      fix:
        asked === undefined ? "npm run build, or --cni-bin-dir /opt/cni/bin" : "podwire lab up without --cni-bin-dir",
    });
  const executables = readdirSync(dir)
    .filter((name) => !name.startsWith("."))
    .sort()
    .map((name) => join(dir, name));
  return { dir, executables };
};
