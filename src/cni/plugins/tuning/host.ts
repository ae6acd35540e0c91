/** What `tuning` needs of the machine's files. */
import type * as fs from "../../../kernel/os/files.ts";

/** File calls one by one, so that a test can stop at any of them. */
export type Files = Pick<
  typeof fs,
  | "closeSync"
  | "findStat"
  | "fsyncSync"
  | "mkdirSync"
  | "openSync"
  | "readFileSync"
  | "readdirSync"
  | "renameSync"
  | "unlinkSync"
  | "writeSync"
>;

export interface TuningHost {
  readonly files: Files;
  /** Path of the list of allowed sysctls. */
  readonly allowlist: string;
}
