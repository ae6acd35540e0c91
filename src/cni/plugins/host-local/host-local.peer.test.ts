// The oracle is Debian's containernetworking-plugins: what it writes and reads is the layout.
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { JsonObject } from "../../../base/json-types.ts";
import { caller, tempDir } from "./testing/caller.ts";

const program = "/usr/lib/cni/host-local";

/** The reference as a caller of the same shape; it knows nothing newer than 1.0.0. */
const reference = (dataDir: string, ipam: JsonObject, args = "") => {
  const { raw } = caller({ dataDir, ipam, cniVersion: "1.0.0" });
  const run = async (verb: string, id: string, more: JsonObject = {}): Promise<string> => {
    const child = Bun.spawn([program], {
      stdin: Buffer.from(JSON.stringify({ ...raw, ...more })),
      env: {
        CNI_COMMAND: verb,
        CNI_CONTAINERID: id,
        CNI_IFNAME: "eth0",
        CNI_NETNS: "/run/netns/none",
        CNI_PATH: "/usr/lib/cni",
        CNI_ARGS: args,
      },
    });
    const out = await new Response(child.stdout).text();
    if ((await child.exited) !== 0) throw new Error(out);
    return out;
  };
  return {
    add: async (id: string): Promise<string[]> =>
      (JSON.parse(await run("ADD", id)).ips as { address: string }[]).map((x) => x.address),
    del: async (id: string): Promise<void> => void (await run("DEL", id)),
    check: async (id: string): Promise<void> =>
      void (await run("CHECK", id, { prevResult: { cniVersion: "1.0.0", ips: [] } })),
  };
};

const layout = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir)
      .sort()
      .map((name) => [name, readFileSync(`${dir}/${name}`, "latin1")]),
  );

const dual = { ranges: [[{ subnet: "10.1.0.0/29" }], [{ subnet: "fd00:0:0:1::/64" }]] };

/** Small numbers from a seed, so that a failure repeats. */
const dice = (seed: number) => {
  let state = seed;
  return (sides: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % sides;
  };
};

test("the same calls leave the same files with the same bytes", async () => {
  using ours = tempDir();
  using theirs = tempDir();
  const one = caller({ dataDir: ours.path, ipam: dual });
  const two = reference(theirs.path, dual);
  const roll = dice(7);
  expect(await one.add("first")).toEqual(await two.add("first"));
  for (let i = 0; i < 60; i++) {
    const id = `pod${roll(5)}`;
    const verb = roll(3) === 0 ? "del" : "add";
    const refused = () => "refused" as const;
    expect(await one[verb](id).catch(refused)).toEqual(await two[verb](id).catch(refused));
    expect(layout(one.dir)).toEqual(layout(`${theirs.path}/net`));
  }
});

test("an address that is asked for leaves the same files", async () => {
  using ours = tempDir();
  using theirs = tempDir();
  const args = "IgnoreUnknown=1;IP=10.1.0.5";
  expect(await caller({ dataDir: ours.path, ipam: dual, args }).add("a")).toEqual(
    await reference(theirs.path, dual, args).add("a"),
  );
  expect(layout(`${ours.path}/net`)).toEqual(layout(`${theirs.path}/net`));
});

test("one directory serves both in turn: each finds, refuses and releases what the other reserved", async () => {
  using dir = tempDir();
  const ours = caller({ dataDir: dir.path, ipam: dual });
  const theirs = reference(dir.path, dual);
  await ours.add("a");
  await theirs.add("b");
  await theirs.check("a");
  await ours.check("b");
  await expect(theirs.add("a")).rejects.toThrow("duplicate allocation is not allowed");
  await expect(ours.add("b")).rejects.toThrow("duplicate allocation is not allowed");
  expect(await ours.add("c")).toEqual(["10.1.0.4/29", "fd00:0:0:1::4/64"]);
  await theirs.del("a");
  await ours.del("b");
  expect(Object.keys(layout(ours.dir))).toEqual([
    "10.1.0.4",
    "fd00:0:0:1::4",
    "last_reserved_ip.0",
    "last_reserved_ip.1",
    "lock",
  ]);
});

test("both at once never give an address twice", async () => {
  using dir = tempDir();
  const ipam = { subnet: "10.1.0.0/24" };
  const ours = caller({ dataDir: dir.path, ipam });
  const theirs = reference(dir.path, ipam);
  const running = Array.from({ length: 40 }, (_, i) => theirs.add(`theirs${i}`));
  const mine: string[][] = [];
  for (let i = 0; i < 40; i++) {
    mine.push(await ours.add(`ours${i}`));
    await new Promise(setImmediate);
  }
  const all = [...mine, ...(await Promise.all(running))].flat();
  expect(new Set(all).size).toBe(80);
  expect(readdirSync(ours.dir).filter((name) => name.startsWith("10."))).toHaveLength(80);
  await Promise.all(Array.from({ length: 40 }, (_, i) => theirs.del(`ours${i}`)));
  for (let i = 0; i < 40; i++) await ours.del(`theirs${i}`);
  expect(readdirSync(ours.dir).filter((name) => name.startsWith("10."))).toEqual([]);
});

test("a draft that a crash left behind does not disturb the reference", async () => {
  using dir = tempDir();
  const ours = caller({ dataDir: dir.path, ipam: dual });
  const theirs = reference(dir.path, dual);
  await ours.add("a");
  writeFileSync(`${ours.dir}/.podwire.tmp`, "b\r\neth0");
  expect(await theirs.add("b")).toEqual(["10.1.0.3/29", "fd00:0:0:1::3/64"]);
  await theirs.del("b");
  writeFileSync(`${ours.dir}/.podwire.tmp`, "c");
  expect(await ours.add("c")).toEqual(["10.1.0.4/29", "fd00:0:0:1::4/64"]);
  expect(existsSync(`${ours.dir}/.podwire.tmp`)).toBe(false);
});

test("a file left empty by a crash of the reference is given out again", async () => {
  using dir = tempDir();
  const ipam = { subnet: "10.1.0.0/30" };
  mkdirSync(`${dir.path}/net`);
  writeFileSync(`${dir.path}/net/10.1.0.2`, "");
  await expect(reference(dir.path, ipam).add("a")).rejects.toThrow("no IP addresses available");
  expect(await caller({ dataDir: dir.path, ipam }).add("a")).toEqual(["10.1.0.2/30"]);
});
