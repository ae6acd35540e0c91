/** A lab for a test, driven through the built program as a person drives it, in a folder of its own. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const root = join(import.meta.dir, "../../..");
export const podwire = join(root, "dist/podwire");

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export const run = async (argv: readonly string[], env: Record<string, string> = {}): Promise<Ran> => {
  const child = Bun.spawn([...argv], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...(process.env as Record<string, string>), ...env },
  });
  const [out, err, exit] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exit, out, err };
};

/** Standard output of a program that must succeed, such as `ip -j addr`. */
export const read = async (...argv: readonly string[]): Promise<string> => {
  const done = await run(argv);
  if (done.exit !== 0) throw new Error(`${argv.join(" ")}: ${done.err}${done.out}`);
  return done.out;
};

export interface TestLabs extends AsyncDisposable {
  readonly home: string;
  /** `podwire lab ...`, with this test's folder. */
  readonly lab: (...argv: readonly string[]) => Promise<Ran>;
  readonly env: Record<string, string>;
  /** A name that no other test has. */
  readonly name: (suffix: string) => string;
  /** What is left of the labs of this test: namespaces and files. */
  readonly remains: () => Promise<string[]>;
}

/** A program that stays inside until it is killed; it is there when this returns. */
export const stayInside = async (argv: readonly string[], env: Record<string, string>) => {
  const child = Bun.spawn([...argv, "--", "sh", "-c", "echo ready; exec sleep infinity"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    env: { ...(process.env as Record<string, string>), ...env },
  });
  await child.stdout.getReader().read();
  return child;
};

/**
 * Starts `podwire lab up ...` with `--explain` and sends it a signal as soon as it has told of its `n`-th line. Gives its exit status and
 * what it said from then on; undefined when it came to its end first.
 */
export const endAtLine = async (
  argv: readonly string[],
  env: Record<string, string>,
  n: number,
  signal: "SIGKILL" | "SIGINT" | "SIGTERM" = "SIGKILL",
): Promise<{ exit: number; last: string } | undefined> => {
  const child = Bun.spawn([...argv, "--explain"], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    env: { ...(process.env as Record<string, string>), ...env },
  });
  let text = "";
  let sent = false;
  for await (const chunk of child.stderr) {
    text += Buffer.from(chunk).toString();
    if (sent || text.split("\n").length <= n) continue;
    child.kill(signal);
    sent = true;
  }
  const exit = await child.exited;
  return sent ? { exit, last: text.trimEnd().split("\n").at(-1) ?? "" } : undefined;
};

let count = 0;

export const testLabs = (): TestLabs => {
  const home = mkdtempSync(join(tmpdir(), "podwire-lab-"));
  const env = { PODWIRE_LAB_HOME: home };
  const prefix = `t${process.pid}-${++count}`;
  const lab = (...argv: readonly string[]): Promise<Ran> => run([podwire, "lab", ...argv], env);
  return {
    home,
    env,
    lab,
    name: (suffix) => `${prefix}-${suffix}`,
    remains: async () => [
      ...(await read("ip", "netns")).split("\n").filter((line) => line.startsWith(`${prefix}-`)),
      ...readdirSync(home),
    ],
    [Symbol.asyncDispose]: async () => {
      await lab("down", "--all");
      rmSync(home, { recursive: true, force: true });
    },
  };
};
