/**
 * Delegation (spec 1.1.0, section 4): one of our plugins, found in CNI_PATH as this executable, runs in this process;
 * any other is executed with the whole config on stdin and our environment.
 */
import { parseJson, stringifyJson } from "../base/json.ts";
import { type ProgramRun, runProgram } from "./exec.ts";
import { parsePluginConfig } from "./parse-config.ts";
import type { Delegate, Plugin, Ports } from "./plugin.ts";
import { findProgram, isOwnProgram } from "./plugin-path.ts";
import { isPluginName, loadPlugin, pluginFace } from "./plugins/registry.ts";
import type { Env } from "./request.ts";
import { pluginFault } from "./spec/error.ts";
import { decodeResult, emptyResult } from "./spec/result.ts";
import type { Request, Result } from "./spec/types.ts";

export interface DelegateOptions {
  /** What a foreign plugin inherits; the CNI_ variables of the request go over it. */
  readonly env: Env;
  /** Path of a program to run. Default: the first in the request's CNI_PATH. */
  readonly find?: (type: string, path: readonly string[]) => string;
  /** Whether that program is this executable. */
  readonly isOwn?: (file: string) => boolean;
  readonly run?: ProgramRun;
}

/** `base` is what plugins that run in this process get. */
export const openDelegate = (base: Omit<Ports, "delegate">, options: DelegateOptions): Delegate => {
  const { env, find = findProgram, isOwn = isOwnProgram, run = runProgram } = options;

  const inProcess = async (type: string, file: string): Promise<Plugin | undefined> =>
    isPluginName(type) && isOwn(file) ? loadPlugin(type) : undefined;

  const exec = async (type: string, file: string, r: Request<unknown>): Promise<string> => {
    const output = await run(file, { env: { ...env, ...cniEnv(r) }, stdin: stringifyJson(r.raw) });
    for (const line of output.stderr.split("\n")) if (line !== "") base.log(`${type}: ${line}`);
    if (output.exit !== 0) throw pluginFault(type, output);
    return output.stdout;
  };

  /** The verb is the delegate's: a failed ADD has its delegate do DEL. */
  const ask = async <T>(
    type: string,
    verb: Request<unknown>["verb"],
    asked: Request<unknown>,
    ours: (plugin: Plugin, request: Request<unknown>, ports: Ports) => Promise<T>,
    foreign: (stdout: string) => T,
  ): Promise<T> => {
    const request = { ...asked, verb };
    const file = find(type, request.path);
    const plugin = await inProcess(type, file);
    if (!plugin) return foreign(await exec(type, file, request));
    const { cniVersion, network, args } = request;
    const config = parsePluginConfig(plugin, request.raw, { cniVersion, network, args, verb }, base.log);
    return ours(plugin, { ...request, config }, { ...base, delegate });
  };
  const nothing = (): void => {};

  const delegate: Delegate = {
    add: (type, r) =>
      ask(
        type,
        "ADD",
        r,
        (p, own, ports) => p.add(own, ports),
        (stdout) => readResult(type, stdout, r),
      ),
    del: (type, r) => ask(type, "DEL", r, (p, own, ports) => p.del(own, ports), nothing),
    check: (type, r) => ask(type, "CHECK", r, (p, own, ports) => p.check(own, ports), nothing),
    gc: (type, r) => ask(type, "GC", r, (p, own, ports) => p.gc(own, ports), nothing),
    status: (type, r) => ask(type, "STATUS", r, (p, own, ports) => p.status(own, ports), nothing),
    worksThroughLink: (type) => isPluginName(type) && pluginFace(type).throughLink === true,
  };
  return delegate;
};

const cniEnv = (r: Request<unknown>): Env => ({
  CNI_COMMAND: r.verb,
  CNI_CONTAINERID: r.containerId,
  CNI_NETNS: r.netns,
  CNI_IFNAME: r.ifname,
  CNI_ARGS: r.args,
  CNI_PATH: r.path.join(":"),
});

const readResult = (type: string, stdout: string, r: Request<unknown>): Result =>
  stdout.trim() === ""
    ? emptyResult
    : decodeResult(parseJson(stdout, `result of ${type}`), r.cniVersion, `result of ${type}`);
