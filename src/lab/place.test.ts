import { expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { podwire, run } from "./testing/labs.ts";

test("no lab command touches a folder outside the labs' own, whatever the name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "podwire-place-"));
  try {
    const home = join(folder, "labs");
    const mine = join(folder, "mine", "file");
    mkdirSync(home);
    mkdirSync(join(folder, "mine"));
    writeFileSync(mine, "");
    const commands = (name: string) => [
      ["lab", "down", "-n", name],
      ["lab", "status", "-n", name],
      ["lab", "graph", "-n", name],
      ["lab", "exec", "-n", name, "node1"],
      ["verify", "--name", name],
    ];
    for (const command of ["../mine", "..", "", ".", "a/../../mine"].flatMap(commands)) {
      const done = await run([podwire, ...command], { PODWIRE_LAB_HOME: home });
      expect([command, done.exit, done.out]).toEqual([command, 2, ""]);
      expect(done.err).toContain("want a name of lower-case letters");
      expect([existsSync(mine), existsSync(home)]).toEqual([true, true]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a state that cannot be read says what to remove", async () => {
  const home = mkdtempSync(join(tmpdir(), "podwire-place-"));
  try {
    mkdirSync(join(home, "a"));
    writeFileSync(join(home, "a", "state.json"), "half");
    for (const verb of ["down", "status", "up"]) {
      const done = await run([podwire, "lab", verb, "--name", "a"], { PODWIRE_LAB_HOME: home });
      expect(done.exit).toBe(2);
      expect(done.err).toContain(`mend it: rm -r ${home}/a && ip netns list | grep ^a-`);
    }
  } finally {
    rmSync(home, { recursive: true });
  }
});
