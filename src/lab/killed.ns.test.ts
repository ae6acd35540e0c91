import { expect, test } from "bun:test";
import { podwire, testLabs } from "./testing/labs.ts";

/** Starts `lab up --explain` and kills it as soon as it has told of its `n`-th line; false when it came to its end first. */
const killAtLine = async (argv: readonly string[], env: Record<string, string>, n: number): Promise<boolean> => {
  const child = Bun.spawn([podwire, "lab", ...argv, "--explain"], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    env: { ...(process.env as Record<string, string>), ...env },
  });
  let lines = 0;
  for await (const chunk of child.stderr) {
    lines += chunk.filter((byte) => byte === 10).length;
    if (lines < n) continue;
    child.kill("SIGKILL");
    await child.exited;
    return true;
  }
  return false;
};

test("an up that is killed anywhere leaves nothing that down does not remove", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  const up = ["up", "--name", name, "--nodes", "2", "--pods", "3"] as const;
  const whole = (await labs.lab(...up, "--explain")).err.split("\n").filter((l) => l.startsWith("+ ")).length;
  expect(whole).toBeGreaterThan(20);
  await labs.lab("down", "--name", name);
  let killed = 0;
  for (let i = 0; i < 10; i++) {
    if (await killAtLine(up, labs.env, 1 + Math.floor(Math.random() * (whole - 1)))) killed++;
    expect((await labs.lab("down", "--name", name)).exit).toBe(0);
    expect(await labs.remains()).toEqual([]);
  }
  expect(killed).toBeGreaterThan(0);
});

test("an up after one that was killed makes the whole lab", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  const up = ["up", "--name", name, "--nodes", "2", "--pods", "2"] as const;
  expect(await killAtLine(up, labs.env, 24)).toBe(true);
  expect((await labs.lab(...up)).exit).toBe(0);
  expect((await labs.lab("status", "--name", name)).exit).toBe(0);
});
