/** CNI error objects (spec 1.1.0, section 5 "Error"): ours written, a foreign plugin's read. */
import {
  type Fault,
  FaultError,
  type FaultKind,
  faultFix,
  faultMessage,
  faultOf,
  type Told,
} from "../../base/fault.ts";
import { isObject, Reader } from "../../base/json-read.ts";
import type { JsonObject } from "../../base/json-types.ts";

export interface CniError {
  /** The version of the request, as it was given. */
  readonly cniVersion: string;
  readonly code: number;
  /** One line. */
  readonly msg: string;
  /** The command that mends it, or what a failed delegate added. */
  readonly details?: string;
  /** Where there are several: each on its own. A key of ours, which others leave aside. */
  readonly errors?: readonly Told[];
}

/** Every code we give: 1 to 51 are the spec's, 100 and above are our own. */
export const codeMeaning = {
  1: "incompatible CNI version",
  2: "unsupported key or value in the config",
  3: "unknown container: no cleanup is needed",
  4: "bad environment variable; a network namespace that is missing, none, or the host's own is a bad CNI_NETNS",
  5: "input or output failed",
  6: "the config is not valid JSON",
  7: "invalid network config",
  11: "try again later",
  50: "the plugin is not available: ADD would fail",
  51: "the plugin is not available, and containers already attached may have limited connectivity",
  100: "no free address is left",
  101: "the address that was asked for is taken",
  102: "something of that name exists already",
  103: "something that is needed does not exist",
  104: "what is there differs from what should be (CHECK)",
  105: "the kernel refused",
  106: "no permission",
  107: "a delegated plugin failed without a code",
  108: "several different errors",
  109: "someone on the network who was asked, such as a DHCP server, did not answer in time",
} as const satisfies Record<number, string>;

export type CniCode = keyof typeof codeMeaning;

/** The code of each kind of fault. `unavailable`, `plugin` and `many` can give another: see `codeOf`. */
export const faultCode = {
  version: 1,
  unsupported: 2,
  "unknown-container": 3,
  "bad-env": 4,
  io: 5,
  "bad-syntax": 6,
  "bad-config": 7,
  "bad-value": 7,
  // The reference library's 8 is in no list of the spec.
  "bad-netns": 4,
  busy: 11,
  "no-answer": 109,
  unavailable: 50,
  "range-full": 100,
  "ip-taken": 101,
  exists: 102,
  "not-found": 103,
  differs: 104,
  kernel: 105,
  permission: 106,
  plugin: 107,
  many: 108,
} as const satisfies Record<FaultKind, CniCode>;

/** The CNI code: a delegate's own passes through, several faults that agree keep their common code. */
export const codeOf = (f: Fault): number => {
  if (f.kind === "unavailable" && f.limited) return 51;
  if (f.kind === "plugin" && f.code > 0) return f.code;
  if (f.kind === "many") {
    const codes = new Set(f.of.map(codeOf));
    return codes.size === 1 ? [...codes][0]! : faultCode.many;
  }
  return faultCode[f.kind];
};

/** The error object for anything thrown. */
export const cniErrorOf = (error: unknown, cniVersion: string): CniError => {
  const f = faultOf(error);
  // A delegate's details stay details instead of running on in the message.
  const msg = messageOf(f);
  const details = f.kind === "plugin" ? f.details : faultFix(f);
  const errors = partsOf(f);
  return { cniVersion, code: codeOf(f), msg, ...(details && { details }), ...(errors.length > 1 && { errors }) };
};

const partsOf = (f: Fault): readonly Told[] => {
  if (f.kind === "many") return f.of.flatMap(partsOf);
  if (f.kind === "plugin" && f.errors) return f.errors.map((e) => ({ ...e, msg: `plugin ${f.plugin}: ${e.msg}` }));
  const details = f.kind === "plugin" ? f.details : faultFix(f);
  return [{ msg: messageOf(f), ...(details && { details }) }];
};

const messageOf = (f: Fault): string => {
  if (f.kind === "plugin") return `plugin ${f.plugin}: ${f.msg}`;
  // Code 4 has to name the variable.
  return f.kind === "bad-netns" ? `CNI_NETNS: ${faultMessage(f)}` : faultMessage(f);
};

/** What an executed plugin left behind. */
export interface PluginOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

/**
 * The fault in a failed plugin's output. Errors without `cniVersion` (the reference library's) are as good as others;
 * output that is not an error object is quoted, stderr when stdout is empty.
 */
export const pluginFault = (plugin: string, output: PluginOutput): FaultError => {
  const told = readError(output.stdout);
  if (told) return new FaultError({ kind: "plugin", plugin, ...told });
  const said = output.stdout.trim() || output.stderr.trim();
  const msg = said === "" ? "failed without a word" : "failed, and its output is not a CNI error";
  const details = `exit status ${output.exit}${said && `, output: ${said}`}`;
  return new FaultError({ kind: "plugin", plugin, code: 0, msg, details });
};

const readError = (stdout: string): ({ code: number; errors?: readonly Told[] } & Told) | undefined => {
  try {
    const json = JSON.parse(stdout) as JsonObject;
    if (!isObject(json)) return undefined;
    const r = new Reader(json, "error");
    const code = r.int("code") ?? 0;
    const msg = r.string("msg") ?? "";
    const details = r.string("details");
    if (code === 0 && msg === "") return undefined;
    const errors = readParts(r);
    const told = { code, msg: msg || `error ${code}`, ...(details && { details }) };
    return errors.length > 1 ? { ...told, errors } : told;
  } catch {
    return undefined;
  }
};

/** A stranger's key of that name may hold anything. */
const readParts = (r: Reader): readonly Told[] => {
  const list = r.value("errors");
  return (Array.isArray(list) ? list : []).filter(isObject).flatMap(({ msg, details }) => {
    if (typeof msg !== "string") return [];
    return [{ msg, ...(typeof details === "string" && { details }) }];
  });
};
