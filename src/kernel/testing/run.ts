/** Runs the oracle's programs (`ip`, `bridge`, `sh`) for tests: output, or an error that shows the line and its words. */
import { spawnSync } from "node:child_process";

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs to the end whatever the exit code. 128 + n stands for signal n, 127 for a program that is not there. */
export const tryRun = (argv: readonly string[], options: RunOptions = {}): Ran => {
  const [program = "", ...args] = argv;
  const r = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.env ? { env: { ...process.env, ...options.env } } : {}),
  });
  if (r.error) return { code: 127, stdout: r.stdout ?? "", stderr: String(r.error) };
  return { code: r.status ?? 128, stdout: r.stdout, stderr: r.stderr };
};

/** Standard output. @throws Error with the command and its standard error when it does not exit with 0 */
export const run = (argv: readonly string[], options: RunOptions = {}): string => {
  const r = tryRun(argv, options);
  if (r.code !== 0) throw new Error(`${argv.join(" ")}\nexit ${r.code}: ${r.stderr.trim()}`);
  return r.stdout;
};
