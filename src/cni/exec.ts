/** Runs one program to its end: stdin in, stdout, stderr and exit status out. Knows nothing of CNI but its usual troubles. */
import { FaultError } from "../base/fault.ts";
import type { Env } from "./request.ts";
import type { PluginOutput } from "./spec/error.ts";

export interface Execution {
  readonly file: string;
  readonly env: Env;
  readonly stdin: string;
  readonly enter: <T>(act: () => T) => T;
  readonly pause: (ms: number) => Promise<void>;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Executed extends PluginOutput {
  /** Name of the signal that killed it. */
  readonly signal?: string;
  /** It was killed because it gave no answer in time. */
  readonly late?: boolean;
}

/** A run without more ado, as a plugin runs its delegate. */
export type ProgramRun = (file: string, input: { readonly env: Env; readonly stdin: string }) => Promise<PluginOutput>;
export const runProgram: ProgramRun = (file, input) =>
  execute({ ...input, file, enter: (act) => act(), pause: Bun.sleep });

/** A plugin that is being replaced is busy for as long as the copy takes: 10 ms to 2.6 s between tries, 5 s in all. */
const busyTries = 10;
/** A process that a plugin leaves behind may keep its pipes open for ever; the plugin's own words are in them by its end. */
const lingerMs = 200;

/** @throws FaultError io when it cannot be started */
export const execute = async (e: Execution): Promise<Executed> => {
  const child = await start(e);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = Promise.allSettled([stdout.end, stderr.end, feed(child.stdin, e.stdin)]);
  const alarmed = { late: false };
  const kill = (): void => {
    alarmed.late = true;
    child.kill("SIGKILL");
  };
  const alarm = e.timeoutMs === undefined ? undefined : setTimeout(kill, e.timeoutMs);
  const exit = await child.exited;
  clearTimeout(alarm);
  const linger = Promise.withResolvers<void>();
  const timer = setTimeout(linger.resolve, lingerMs);
  await Promise.race([ended, linger.promise]);
  clearTimeout(timer);
  const signal = child.signalCode;
  return {
    exit,
    ...(alarmed.late && { late: true }),
    stdout: stdout.take(),
    stderr: stderr.take(),
    ...(signal ? { signal: String(signal) } : {}),
  };
};

/** A pipe: bytes given as stdin itself would stay open until the garbage is collected. */
const spawn = (e: Execution) =>
  Bun.spawn([e.file], {
    env: { ...e.env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    killSignal: "SIGKILL",
    ...(e.signal ? { signal: e.signal } : {}),
  });

/** A plugin need not read what it is given: what it says is what counts. */
const feed = async (to: Bun.FileSink, text: string): Promise<void> => {
  try {
    await to.write(text);
    await to.end();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
};

const start = async (e: Execution): Promise<ReturnType<typeof spawn>> => {
  for (let tried = 1; ; tried++)
    try {
      return e.enter(() => spawn(e));
    } catch (error) {
      const errno = (error as NodeJS.ErrnoException).code;
      if (errno === undefined) throw error;
      if (errno === "ETXTBSY" && tried < busyTries) {
        await e.pause(5 << tried);
        continue;
      }
      throw new FaultError({ kind: "io", op: "run plugin", path: e.file, errno, ...startFix(errno, e.file) }, error);
    }
};

const startFix = (errno: string, file: string): { fix: string } | undefined => {
  if (errno === "EACCES") return { fix: `chmod +x ${file}` };
  // Built for another machine, or a script whose interpreter is missing.
  if (errno === "ENOEXEC" || errno === "ENOENT") return { fix: `file ${file}` };
  return undefined;
};

interface Collected {
  readonly end: Promise<void>;
  /** What has come so far; no more is read. */
  take(): string;
}

const collect = (stream: ReadableStream<Uint8Array>): Collected => {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      chunks.push(value);
    }
  };
  const end = read();
  return {
    end,
    take: () => {
      reader.cancel().catch(() => undefined);
      return Buffer.concat(chunks).toString("utf8");
    },
  };
};
