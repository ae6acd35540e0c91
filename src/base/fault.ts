/**
 * What can go wrong, as a closed union. The CNI code of each kind stands in `cni/spec/error.ts`; the words a person
 * reads are made here, once: what was seen, what was wanted, and the command that mends it.
 */
import { errnoWords } from "./errno-words.ts";

export type Fault =
  /** A value (address, prefix, flag) that does not parse. */
  | { kind: "bad-value"; what: string; got: string; want: string; fix?: string }
  /** Text that is not the JSON or YAML it should be. `line` and `column` count from 1. */
  | { kind: "bad-syntax"; file: string; line: number; column: number; want: string; got: string }
  /** A config that parses but cannot be right. `at` is the path of the key, such as `ipam.ranges[0][1].subnet`. */
  | { kind: "bad-config"; at: string; why: string; fix?: string }
  /** A key that we know and cannot serve. */
  | { kind: "unsupported"; key: string; value: string; why: string }
  | { kind: "bad-env"; vars: readonly string[]; why: string }
  | { kind: "version"; got: string; supported: readonly string[]; why?: string }
  /** A network namespace that does not exist, is not one, or is our own. */
  | { kind: "bad-netns"; path: string; why: string; missing?: boolean; fix?: string }
  | { kind: "range-full"; network: string; range: string; why?: string; fix?: string }
  | { kind: "ip-taken"; ip: string; by?: string; why?: string }
  | { kind: "unknown-container"; id: string; why: string }
  /** Something of that name is there already. */
  | { kind: "exists"; what: string; why: string; fix?: string }
  | { kind: "not-found"; what: string; why: string; fix?: string }
  /** What is there differs from what should be: CHECK's finding. */
  | { kind: "differs"; what: string; seen: string; want: string; fix?: string }
  /** The kernel said no. `op` is the `ip` line we stood for, `said` its own extended ack. */
  | { kind: "kernel"; op: string; errno: string; said?: string; fix?: string }
  /** No permission. `needs` is the capability. */
  | { kind: "permission"; op: string; needs: string; works?: string }
  | { kind: "io"; op: string; path: string; errno: string; fix?: string }
  | { kind: "busy"; what: string; why: string }
  /** Someone on the network who was asked and did not answer, or not as hoped. */
  | { kind: "no-answer"; who: string; why: string; fix?: string }
  /** A plugin that we ran failed: its own error object, kept whole. */
  | { kind: "plugin"; plugin: string; code: number; msg: string; details?: string; errors?: readonly Told[] }
  | { kind: "unavailable"; why: string; limited?: boolean; fix?: string }
  /** Several faults at once (GC, teardown): nothing is lost. */
  | { kind: "many"; of: readonly Fault[] };

/** One of several things that are wrong: what, and the command that mends it. */
export type Told = { readonly msg: string; readonly details?: string };

export type FaultKind = Fault["kind"];

/** One sentence, no trailing stop. */
export const faultMessage = (f: Fault): string => {
  switch (f.kind) {
    case "bad-value":
      return `${f.what}: got ${f.got}, want ${f.want}`;
    case "bad-syntax":
      return `${f.file}:${f.line}:${f.column}: expected ${f.want}, got ${f.got}`;
    case "bad-config":
      return `${f.at}: ${f.why}`;
    case "unsupported":
      return `${f.key} = ${f.value} is not supported: ${f.why}`;
    case "bad-env":
      return `${f.vars.join(", ")}: ${f.why}`;
    case "version":
      return `${f.why ?? "incompatible CNI version"}: got ${JSON.stringify(f.got)}, supported: ${f.supported.join(", ")}`;
    case "bad-netns":
      return `network namespace ${JSON.stringify(f.path)}: ${f.why}`;
    case "range-full":
      return f.why ?? `no free address in network ${JSON.stringify(f.network)}, range ${f.range}`;
    case "ip-taken":
      return `address ${f.ip} is not available${f.by ? `: held by ${f.by}` : ""}${f.why ? `: ${f.why}` : ""}`;
    case "unknown-container":
      return `container ${JSON.stringify(f.id)}: ${f.why}`;
    case "exists":
    case "not-found":
      return `${f.what}: ${f.why}`;
    case "differs":
      return `${f.what}: is ${f.seen}, should be ${f.want}`;
    case "kernel":
      return f.said ? `${f.op}: ${f.errno}: ${f.said}` : `${f.op}: ${errnoWords(f.errno)}`;
    case "permission":
      return `${f.op}: no permission, needs ${f.needs}${f.works ? `; ${f.works}` : ""}`;
    case "io":
      return `${f.op} ${f.path}: ${errnoWords(f.errno)}`;
    case "busy":
      return `${f.what} is busy: ${f.why}`;
    case "no-answer":
      return `no ${f.who}: ${f.why}`;
    case "plugin":
      return `plugin ${f.plugin}: ${f.msg}${f.details ? `: ${f.details}` : ""}`;
    case "unavailable":
      return f.why;
    case "many":
      return f.of.map(faultMessage).join("; ");
  }
};

/** The command that mends it, or the one that shows what to mend; undefined when there is none. */
export const faultFix = (f: Fault): string | undefined => {
  if (f.kind === "many") return f.of.map(faultFix).find((x) => x !== undefined);
  if (f.kind === "permission") return permissionFix(f.needs);
  if ("fix" in f && f.fix !== undefined) return f.fix;
  return f.kind === "io" ? diskFix(f) : undefined;
};

const permissionFix = (needs: string): string | undefined =>
  needs.startsWith("CAP_") ? `run it as root, or with ${needs}` : undefined;

/** What a file system that says no lets a person see of its reasons. */
const diskFix = ({ path, errno }: Fault & { kind: "io" }): string | undefined => {
  if (!path.startsWith("/")) return undefined;
  const folder = path.replace(/\/[^/]*$/, "") || "/";
  switch (errno) {
    case "ENOSPC":
    case "EDQUOT":
      return `df -h ${folder}; df -i ${folder}`;
    case "EROFS":
      return `findmnt --target ${folder}`;
    case "EACCES":
    case "EPERM":
    case "ENOTDIR":
      return `ls -ld ${folder}`;
    default:
      return undefined;
  }
};

export class FaultError extends Error {
  override readonly name = "FaultError";
  readonly fault: Fault;
  /** A file of the executable that is loaded later has a class of its own, and what it throws is a fault just the same. */
  static override [Symbol.hasInstance](x: unknown): x is FaultError {
    return x instanceof Error && x.name === "FaultError" && "fault" in x;
  }
  constructor(fault: Fault, cause?: unknown) {
    super(faultMessage(fault), cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

/** The fault behind anything thrown; a stranger becomes an `io` fault that quotes it. */
export const faultOf = (error: unknown): Fault => {
  if (error instanceof FaultError) return error.fault;
  const e = error as NodeJS.ErrnoException;
  // A failed write or fsync names no path.
  if (e instanceof Error && typeof e.code === "string" && (e.path !== undefined || e.syscall !== undefined))
    return { kind: "io", op: e.syscall ?? "access", path: e.path ?? "an open file", errno: e.code };
  return {
    kind: "io",
    op: "internal",
    path: "podwire",
    errno: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
};

/**
 * Joins what several attempts threw into one error, or gives back the only one. What fails twice for one reason (ADD, and
 * the DEL that takes it back) is told once.
 */
export const joinFaults = (errors: readonly unknown[]): FaultError => {
  const faults = errors.map(faultOf);
  const texts = faults.map(faultMessage);
  const different = errors.filter((_, i) => texts.indexOf(texts[i]!) === i);
  const [only] = different;
  if (different.length > 1) return new FaultError({ kind: "many", of: different.map(faultOf) });
  return only instanceof FaultError ? only : new FaultError(faultOf(only), only);
};
