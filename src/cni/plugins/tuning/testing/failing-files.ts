/** File calls of which the n-th fails, or at which the process dies: nothing after it happens. For tests. */
import { FaultError } from "../../../../base/fault.ts";
import {
  closeSync,
  findStat,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "../../../../kernel/os/files.ts";
import type { Files } from "../host.ts";

export interface Counted {
  readonly files: Files;
  /** Calls so far. */
  readonly calls: readonly string[];
  isDead(): boolean;
}

/** `at` counts from 1; 0 never fails. A write at that moment is half done. */
export const failingFiles = (at = 0, how: "ENOSPC" | "killed" = "ENOSPC"): Counted => {
  const calls: string[] = [];
  const step = (name: string, act: (...args: never[]) => unknown, args: unknown[]): unknown => {
    calls.push(name);
    if (at === 0 || calls.length < at || (how === "ENOSPC" && calls.length > at)) return act(...(args as never[]));
    if (calls.length === at && name === "writeSync") act(...([args[0], half(args[1] as Uint8Array)] as never[]));
    // The kernel closes what a dead process has left open.
    if (name === "closeSync") act(...(args as never[]));
    throw new FaultError({ kind: "io", op: name, path: String(args[0]), errno: how === "killed" ? "EIO" : how });
  };
  const wrapped = Object.entries(real).map(([name, act]) => [name, (...args: unknown[]) => step(name, act, args)]);
  return {
    files: Object.fromEntries(wrapped) as Files,
    calls,
    isDead: () => how === "killed" && at > 0 && calls.length >= at,
  };
};

const half = (b: Uint8Array): Uint8Array => b.subarray(0, b.length >> 1);

const real: Files = {
  closeSync,
  findStat,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
};
