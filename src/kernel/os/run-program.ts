/** One of the host's own programs, run to its end. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { FaultError } from "../../base/fault.ts";
import { errnoName } from "./errno.ts";

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where administrators' programs are, whatever PATH the caller has. */
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Whether it can be run. */
export const hasProgram = (name: string): boolean =>
  path.split(":").some((folder) => {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** In words that do not depend on the user's language. @throws FaultError not-found, io when it cannot be started */
export const runProgram = ([name = "", ...args]: readonly string[]): Ran => {
  const done = spawnSync(name, args, { encoding: "utf8", env: { PATH: path, LC_ALL: "C" }, input: "" });
  const error = done.error as (Error & { code?: string; errno?: number }) | undefined;
  if (error?.code === "ENOENT")
    throw new FaultError({ kind: "not-found", what: `program ${name}`, why: `is in none of ${path}` });
  if (error) {
    const errno = error.code ?? errnoName(Math.abs(error.errno ?? 0));
    throw new FaultError({ kind: "io", op: "run", path: name, errno });
  }
  return { exit: done.status ?? 128, stdout: done.stdout, stderr: done.stderr };
};
