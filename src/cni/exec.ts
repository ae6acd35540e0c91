/** Running a plugin's program: environment and stdin in, what it printed and its exit status out. */
import { FaultError } from "../base/fault.ts";
import type { Env } from "./request.ts";
import type { PluginOutput } from "./spec/error.ts";

export interface ProgramInput {
  readonly env: Env;
  readonly stdin: string;
}
export type ProgramRun = (file: string, input: ProgramInput) => Promise<PluginOutput>;

/** A program that is being replaced cannot be started for a moment (ETXTBSY); so many times, so many milliseconds apart. */
const busyTries = 50;
const busyPause = 100;

/** @throws FaultError io when it cannot be started */
export const runProgram: ProgramRun = async (file, { env, stdin }) => {
  for (let tries = 1; ; tries++)
    try {
      // A pipe: bytes given as stdin itself would stay open until the garbage is collected.
      const child = Bun.spawn([file], { env: { ...env }, stdin: "pipe", stdout: "pipe", stderr: "pipe" });
      const [stdout, stderr, exit] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
        feed(child.stdin, stdin),
      ]);
      return { stdout, stderr, exit };
    } catch (error) {
      const errno = (error as NodeJS.ErrnoException).code ?? "EIO";
      if (errno === "ETXTBSY" && tries < busyTries) {
        await Bun.sleep(busyPause);
        continue;
      }
      const fix = errno === "EACCES" ? { fix: `chmod +x ${file}` } : {};
      throw new FaultError({ kind: "io", op: "run plugin", path: file, errno, ...fix }, error);
    }
};

/** A plugin need not read what it is given. */
const feed = async (to: Bun.FileSink, text: string): Promise<void> => {
  try {
    to.write(text);
    await to.end();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
};
