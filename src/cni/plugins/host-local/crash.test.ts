import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { systemDisk } from "./disk.ts";
import { caller, tempDir } from "./testing/caller.ts";
import { crashingDisk, Killed } from "./testing/crashing-disk.ts";

const ipam = {
  ranges: [[{ subnet: "10.1.0.0/28" }], [{ subnet: "fd00::/64", rangeStart: "fd00::2", rangeEnd: "fd00::9" }]],
};

type Step =
  | { readonly do: "add" | "del"; readonly pod: number }
  | { readonly do: "add-cut" | "del-cut" | "add-no-space"; readonly pod: number; readonly at: number }
  | { readonly do: "reference-crash"; readonly host: number };

const pod = fc.nat(4);
const at = fc.nat(45);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("add", "del"), pod }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("add-cut", "del-cut", "add-no-space"), pod, at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reference-crash"), host: fc.integer({ min: 2, max: 14 }) }) },
);

const reservations = (dir: string): Map<string, string> =>
  new Map(
    (existsSync(dir) ? readdirSync(dir) : [])
      .filter((name) => /^(10|fd)/.test(name))
      .map((name) => [name, readFileSync(`${dir}/${name}`, "utf8")]),
  );

const owned = (dir: string): Map<string, string> => new Map([...reservations(dir)].filter(([, text]) => text !== ""));

/** Runs the steps as a runtime would; afterwards `live` has what it was given and has not given back. */
const play = async (dataDir: string, steps: readonly Step[]): Promise<void> => {
  const live = new Map<string, readonly string[]>();
  const good = caller({ dataDir, ipam });
  const given = (id: string, ips: readonly string[]): void => {
    const bare = ips.map((x) => x.split("/")[0]!);
    for (const ip of bare) expect([...live.values()].flat()).not.toContain(ip);
    live.set(id, bare);
  };
  const add = async (s: Step, id: string): Promise<void> => {
    if (live.has(id)) {
      await expect(good.add(id)).rejects.toThrow("duplicate allocation");
      return;
    }
    await good.del(id); // a runtime sends DEL before it tries again
    if (s.do === "add") return given(id, await good.add(id));
    const before = owned(good.dir);
    const disk = crashingDisk(systemDisk, "at" in s ? s.at : 0, s.do === "add-cut" ? "killed" : "ENOSPC");
    try {
      given(id, await caller({ dataDir, ipam, disk }).add(id));
    } catch (error) {
      if (s.do === "add-cut") onlyKilled(error);
      else expect(owned(good.dir)).toEqual(before);
    }
  };
  for (const s of steps) {
    if (s.do === "reference-crash") {
      const path = `${good.dir}/10.1.0.${s.host}`;
      if (existsSync(good.dir) && !existsSync(path)) writeFileSync(path, "");
      continue;
    }
    const id = `pod${s.pod}`;
    if (s.do === "del" || s.do === "del-cut") {
      const disk = !("at" in s) ? systemDisk : crashingDisk(systemDisk, s.at, "killed");
      await caller({ dataDir, ipam, disk }).del(id).catch(onlyKilled);
      live.delete(id);
    } else await add(s, id);
    for (const [name, content] of reservations(good.dir))
      if (content !== "") expect(content, name).toMatch(/^pod\d\r\neth0$/);
  }
  await good.gc([...live.keys()].map((containerId) => ({ containerId, ifname: "eth0" })));
  const want = [...live].flatMap(([id, ips]) => ips.map((ip) => [ip, `${id}\r\neth0`] as const));
  expect(reservations(good.dir)).toEqual(new Map(want.sort(([a], [b]) => (a < b ? -1 : 1))));
  // What is free can be given, all of it.
  const free = 8 - live.size;
  for (let i = 0; i < free; i++) await good.add(`late${i}`);
  await expect(good.add("one-too-many")).rejects.toThrow("no free address");
};

const onlyKilled = (error: unknown): void => {
  if (!(error instanceof Killed)) throw error;
};

const fast = existsSync("/dev/shm") ? "/dev/shm" : undefined;

test("no address is lost or given twice, however often a call is killed half way", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      using dir = tempDir(fast);
      await play(dir.path, steps);
    }),
    { numRuns: 10_000 },
  );
}, 300_000);
