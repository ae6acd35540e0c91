/** The command line of `dhcp daemon`: the reference's flags, as Go's flag package takes them. Pure. */
import { FaultError } from "../../../../base/fault.ts";
import { defaultSocket } from "../parse.ts";
import { defaultTiming, type Timing } from "./pace.ts";

export interface DaemonOptions {
  readonly socket: string;
  readonly hostPrefix: string;
  readonly broadcast: boolean;
  readonly timing: Timing;
  /** File for the process's id. */
  readonly pidFile?: string;
}

export const usage = `Usage: dhcp daemon [flags]

Gets and keeps the leases that the CNI plugin dhcp is asked for. Leases stand in files beside the socket; a daemon that
starts goes on with those of the one before.

Flags:
  -socketpath PATH        where plugins ask (default ${defaultSocket})
  -pidfile PATH           file for the process's id
  -hostprefix PATH        goes before the paths of namespaces, such as /host in a container
  -broadcast              servers are asked to answer by broadcast
  -timeout TIME           how long one try waits for answers (default 10s)
  -resendmax TIME         the longest pause between tries for a new lease (default 62s)
  -resendtimeout TIME     when no new lease is waited for any more (default 208s)
`;

const bad = (why: string): FaultError =>
  new FaultError({ kind: "bad-value", what: "dhcp daemon", got: why, want: "flags as `dhcp daemon -h` shows them" });

/** Undefined when help is asked for. @throws FaultError bad-value */
export const parseOptions = (args: readonly string[]): DaemonOptions | undefined => {
  let socket: string = defaultSocket;
  let hostPrefix = "";
  let broadcast = false;
  let pidFile: string | undefined;
  const timing: { -readonly [K in keyof Timing]: Timing[K] } = { ...defaultTiming };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const dashes = arg.startsWith("--") ? 2 : arg.startsWith("-") ? 1 : 0;
    if (dashes === 0) throw bad(`the argument ${JSON.stringify(arg)}`);
    const equals = arg.indexOf("=");
    const name = arg.slice(dashes, equals < 0 ? undefined : equals);
    const given = equals < 0 ? undefined : arg.slice(equals + 1);
    const value = (): string => {
      const text = given ?? args[++i];
      if (text === undefined) throw bad(`-${name} without a value`);
      return text;
    };
    switch (name) {
      case "h":
      case "help":
        return undefined;
      case "socketpath":
        socket = value();
        break;
      case "hostprefix":
        hostPrefix = value();
        break;
      case "pidfile":
        pidFile = value();
        break;
      case "broadcast":
        broadcast = readFlag(given);
        break;
      case "timeout":
        timing.tryMs = readDuration(name, value());
        break;
      case "resendmax":
        timing.longestPause = readDuration(name, value());
        break;
      case "resendtimeout":
        timing.giveUp = readDuration(name, value());
        break;
      default:
        throw bad(`the flag -${name}`);
    }
  }
  return { socket, hostPrefix, broadcast, timing, ...(pidFile !== undefined && { pidFile }) };
};

const readFlag = (text: string | undefined): boolean => {
  if (text === undefined || /^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw bad(`-broadcast=${text}`);
};

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Go's durations: `10s`, `1m30s`, `500ms`. Gives milliseconds. */
const readDuration = (name: string, text: string): number => {
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text))
    throw bad(`-${name} ${text}, which is no time such as 10s or 1m30s`);
  let ms = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    ms += Number(number) * (units[unit ?? ""] ?? 0);
  return ms;
};
