/**
 * The border of a plugin executable (spec 1.1.0, section 2 "Execution Protocol"): environment and stdin in, stdout,
 * stderr and exit status out, nothing of the process touched. Everything is checked before the plugin is asked.
 */
import { FaultError, joinFaults } from "../base/fault.ts";
import { parseJson, stringifyJson } from "../base/json.ts";
import { reader } from "../base/json-read.ts";
import type { Json } from "../base/json-types.ts";
import { answerVersion, introduce, type SkelOutput } from "./introduce.ts";
import { checkNetns, type NetnsProbe } from "./netns-probe.ts";
import { parsePluginConfig } from "./parse-config.ts";
import type { Face, Plugin, Ports } from "./plugin.ts";
import { type ActingVerb, checkEnv, checkVersion, type Env, parseRequest } from "./request.ts";
import { readSwitch } from "./spec/config.ts";
import { cniErrorOf } from "./spec/error.ts";
import { encodeResult, printResult } from "./spec/result.ts";
import type { CniVersion, Result } from "./spec/types.ts";
import { isVerb, verbSince } from "./spec/version.ts";

export interface SkelInput {
  readonly env: Env;
  /** All of stdin; called at most once, and not at all when there is no CNI_COMMAND. `""` for a terminal. */
  readonly stdin: () => string;
  readonly netns: NetnsProbe;
  /** The plugin itself, once there is something for it to do. */
  readonly load: () => Promise<Plugin>;
  /** Opened only when the plugin is really asked, so that VERSION and refusals stay cheap. */
  readonly ports: () => Ports | Promise<Ports>;
}

/** Answers one call. Never throws: what goes wrong is an error object on stdout. */
export const runPlugin = async (plugin: Face, input: SkelInput): Promise<SkelOutput> => {
  const command = input.env.CNI_COMMAND ?? "";
  if (command === "" || command === "VERSION") return introduce(plugin, command, input.stdin);
  const config = readConfig(input.stdin);
  const stderr: string[] = [];
  try {
    const stdout = await answer(plugin, input, command, config, (line) => stderr.push(`${plugin.name}: ${line}\n`));
    return { stdout, stderr: stderr.join(""), exit: 0 };
  } catch (error) {
    const stdout = `${stringifyJson({ ...cniErrorOf(error, answerVersion(plugin, config.json)) }, 4)}\n`;
    return { stdout, stderr: stderr.join(""), exit: 1 };
  }
};

/** Stdin as JSON, or why it is not. */
type Config = { readonly json: Json; readonly error?: never } | { readonly json?: never; readonly error: unknown };

const readConfig = (stdin: () => string): Config => {
  try {
    return { json: parseJson(stdin(), "stdin") };
  } catch (error) {
    return { error };
  }
};

/** Checks in the order in which a caller can mend them: verb, environment, JSON, version, names, namespace, config. */
const answer = async (
  face: Face,
  input: SkelInput,
  command: string,
  config: Config,
  warn: (line: string) => void,
): Promise<string> => {
  const verb = actingVerb(command);
  checkEnv(verb, input.env);
  if (config.json === undefined) throw config.error;
  const r = reader(config.json);
  const cniVersion = checkVersion(verb, r.string("cniVersion") ?? "", face.versions);
  const asked = parseRequest(verb, input.env, r.raw, cniVersion, warn);
  if (verb === "CHECK" && readSwitch(r, "disableCheck")) return "";
  const netns = checkNetns(verb, input.env, input.netns);
  const plugin = await input.load();
  const own = parsePluginConfig(plugin, r.raw, { cniVersion, network: asked.network, args: asked.args, verb }, warn);
  const request = { ...asked, netns, config: own };
  const ports = await input.ports();
  if (verb === "ADD") return printAdded(await plugin.add(request, ports), () => plugin.del(request, ports), cniVersion);
  await plugin[handlers[verb]](request, ports);
  return "";
};

/** A result that the version cannot hold is a failed ADD, so what was made goes again. */
const printAdded = async (result: Result, undo: () => Promise<void>, cniVersion: CniVersion): Promise<string> => {
  try {
    return printResult(encodeResult(result, cniVersion));
  } catch (error) {
    const errors = [error];
    await undo().catch((failed: unknown) => errors.push(failed));
    throw joinFaults(errors);
  }
};

const handlers = { DEL: "del", CHECK: "check", GC: "gc", STATUS: "status" } as const;

const actingVerb = (command: string): ActingVerb => {
  if (isVerb(command) && command !== "VERSION") return command;
  const why = `expected ${Object.keys(verbSince).join(", ")}, got ${JSON.stringify(command)}`;
  throw new FaultError({ kind: "bad-env", vars: ["CNI_COMMAND"], why });
};
