/** Calls one plugin and understands its answer. */
import { FaultError, joinFaults } from "../../base/fault.ts";
import { parseJson, stringifyJson } from "../../base/json.ts";
import { type Executed, execute } from "../exec.ts";
import { findProgram } from "../plugin-path.ts";
import { pluginFault } from "../spec/error.ts";
import { decodeResult } from "../spec/result.ts";
import type { CniVersion, Result } from "../spec/types.ts";
import type { PluginRun, RuntimeOptions } from "./types.ts";

/** Runs plugins, one call each. */
export interface Caller {
  readonly path: readonly string[];
  log(line: string): void;
  /** What it printed. `undo` is run between tries. @throws FaultError plugin, not-found, io */
  call(run: PluginRun, undo?: () => Promise<unknown>): Promise<string>;
}

/** "Try again later" (spec 1.1.0, section 5 "Error"). */
const tryLater = 11;
const laterPauses = [100, 400, 1600];

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export const openCaller = (options: RuntimeOptions): Caller => {
  const { path } = options;
  const log = options.log ?? (() => undefined);
  const pause = options.pause ?? sleep;
  const enter = options.enter ?? ((act) => act());

  const once = async (run: PluginRun): Promise<string> => {
    const file = findProgram(run.plugin, path);
    if (options.signal?.aborted) throw stopped(run, "was not started: the caller gave up");
    options.watch?.(run);
    const { timeoutMs, signal } = options;
    const env = { ...given(options.env), ...run.env };
    const output = await execute({ file, env, stdin: stringifyJson(run.stdin), enter, pause, timeoutMs, signal });
    for (const line of output.stderr.split("\n")) if (line.trim() !== "") log(`${run.plugin}: ${line}`);
    if (output.signal) throw stopped(run, killedWords(options, output), output);
    if (output.exit !== 0) throw pluginFault(run.plugin, output);
    return output.stdout;
  };

  const call: Caller["call"] = async (run, undo) => {
    for (let tried = 0; ; tried++)
      try {
        return await once(run);
      } catch (error) {
        const wait = laterPauses[tried];
        const { fault } = error as Partial<FaultError>;
        if (fault?.kind !== "plugin" || fault.code !== tryLater || wait === undefined) throw error;
        log(`${run.plugin}: ${fault.msg}: asked to try again later, in ${wait} ms`);
        // The same ADD may not be given twice without a DEL between (spec 1.1.0, section 2 "ADD").
        await undo?.().catch((failed: unknown) => {
          throw joinFaults([error, failed]);
        });
        await pause(wait);
      }
  };
  return { path, log, call };
};

/** The root user's usual one: netfilter plugins look for iptables in it. */
const plainEnv = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

const given = (env: RuntimeOptions["env"] = plainEnv): Record<string, string> => {
  const out: Record<string, string> = {};
  for (const [key, value] of Object.entries(env)) if (value !== undefined) out[key] = value;
  return out;
};

const killedWords = (options: RuntimeOptions, output: Executed): string => {
  if (options.signal?.aborted) return "was killed: the caller gave up";
  return output.late
    ? `gave no answer within ${options.timeoutMs} ms and was killed`
    : `was killed by ${output.signal}`;
};

const stopped = (run: PluginRun, msg: string, output?: Executed): FaultError => {
  const said = output?.stdout.trim() || output?.stderr.trim();
  const details = said ? { details: `output: ${said}` } : {};
  return new FaultError({ kind: "plugin", plugin: run.plugin, code: 0, msg: `${run.verb} ${msg}`, ...details });
};

/** What ADD printed. @throws FaultError plugin, when it is not a result */
export const readAdded = (plugin: string, stdout: string, version: CniVersion): Result => {
  try {
    return decodeResult(parseJson(stdout, "its output"), version);
  } catch (error) {
    const msg =
      stdout.trim() === "" ? "ADD succeeded and printed no result" : "ADD succeeded and printed no CNI result";
    const why = error instanceof FaultError ? error.message : String(error);
    const details = stdout.trim() === "" ? {} : { details: `${why}; output: ${stdout.trim().slice(0, 2000)}` };
    throw new FaultError({ kind: "plugin", plugin, code: 0, msg, ...details }, error);
  }
};
