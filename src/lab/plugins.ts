/** The plugin executables that a lab uses: this very program under each plugin's name, unless another folder is asked for. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FaultError } from "../base/fault.ts";
import { pluginNames } from "../cni/plugins/registry.ts";

const needed = ["bridge", "host-local"];

export interface PluginFile {
  readonly name: string;
  /** Absolute path. Started under `name` it is that plugin. */
  readonly file: string;
}
export interface Plugins {
  /** Where they come from: a folder, or the program. */
  readonly from: string;
  readonly files: readonly PluginFile[];
}

/** Compiled, the program is every plugin; run from source, the build has to be asked. */
const isCompiled = (): boolean => basename(process.execPath) !== "bun";

const folder = (dir: string): Plugins | undefined =>
  needed.every((name) => existsSync(join(dir, name)))
    ? {
        from: dir,
        files: readdirSync(dir)
          .filter((name) => !name.startsWith("."))
          .sort()
          .map((name) => ({ name, file: join(dir, name) })),
      }
    : undefined;

const own = (): Plugins | undefined =>
  isCompiled()
    ? { from: dirname(process.execPath), files: pluginNames.map((name) => ({ name, file: process.execPath })) }
    : folder(join(import.meta.dir, "../../dist/cni"));

/** @throws FaultError not-found */
export const findPlugins = (asked: string | undefined): Plugins => {
  const found = asked === undefined ? own() : folder(asked);
  if (found) return found;
  throw new FaultError({
    kind: "not-found",
    what: `CNI plugins ${needed.join(" and ")}`,
    why: `are not in ${asked ?? "dist/cni of the source folder"}`,
    fix: asked === undefined ? "npm run build" : "podwire lab up without --cni-bin-dir",
  });
};
