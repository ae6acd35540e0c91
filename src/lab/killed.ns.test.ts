import { expect, test } from "bun:test";
import { endAtLine, podwire, testLabs } from "./testing/labs.ts";

test("an up that is killed anywhere leaves nothing that down does not remove", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  const up = ["up", "--name", name, "--nodes", "2", "--pods", "3"] as const;
  const whole = (await labs.lab(...up, "--explain")).err.split("\n").filter((l) => l.startsWith("+ ")).length;
  expect(whole).toBeGreaterThan(20);
  await labs.lab("down", "--name", name);
  let killed = 0;
  for (let i = 0; i < 10; i++) {
    if (await endAtLine([podwire, "lab", ...up], labs.env, 1 + Math.floor(Math.random() * (whole - 1)))) killed++;
    expect((await labs.lab("down", "--name", name)).exit).toBe(0);
    expect(await labs.remains()).toEqual([]);
  }
  expect(killed).toBeGreaterThan(0);
});

test("an up after one that was killed makes the whole lab", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  const up = ["up", "--name", name, "--nodes", "2", "--pods", "2"] as const;
  expect((await endAtLine([podwire, "lab", ...up], labs.env, 24))?.exit).toBe(137);
  expect((await labs.lab(...up)).exit).toBe(0);
  expect((await labs.lab("status", "--name", name)).exit).toBe(0);
});

test("an up that is interrupted takes back what it made, says so, and ends as shells expect", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  const up = ["up", "--name", name, "--nodes", "2", "--pods", "20"] as const;
  for (const [signal, exit] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    const ended = await endAtLine([podwire, "lab", ...up], labs.env, 30, signal);
    expect(ended).toEqual({ exit, last: `stopped: lab ${name} was not made, and nothing is left of it` });
    expect(await labs.remains()).toEqual([]);
  }
});
