/** GC: who is deleted, who is not, and what each plugin is told. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultMessage, faultOf } from "../../base/fault.ts";
import { makeNetns } from "../../kernel/testing/netns.ts";
import { parseNetwork } from "../spec/list.ts";
import { openRuntime } from "./runtime.ts";
import { fakeHost } from "./testing/fake-plugins.ts";

const net = (name: string, more = {}) =>
  parseNetwork({ cniVersion: "1.1.0", name, plugins: [{ type: "a" }, { type: "b" }], ...more });

const setUp = () => {
  const host = fakeHost();
  host.plugins("a", "b");
  const logged: string[] = [];
  const runtime = openRuntime({
    confDir: host.confDir,
    path: [host.binDir],
    cacheDir: host.cacheDir,
    log: (line) => logged.push(line),
  });
  const spaces = [makeNetns(), makeNetns(), makeNetns()];
  const attach = (i: number) => ({ containerId: `c${i}`, ifname: "eth0", netns: spaces[i]!.path });
  return {
    host,
    runtime,
    spaces,
    attach,
    logged,
    [Symbol.dispose]: () => {
      host[Symbol.dispose]();
      for (const ns of spaces) ns[Symbol.dispose]();
    },
  };
};

test("what is cached of the network and not valid is deleted, then each plugin gets the valid list", async () => {
  using t = setUp();
  for (const i of [0, 1, 2]) await t.runtime.add(net("n"), t.attach(i));
  await t.runtime.add(net("other"), { ...t.attach(0), ifname: "eth1" });
  t.host.forget();
  await t.runtime.gc(net("n"), [t.attach(1)]);
  const calls = t.host.calls();
  expect(calls.map((c) => `${c.verb} ${c.plugin} ${c.container}`)).toEqual([
    "DEL b c0",
    "DEL a c0",
    "DEL b c2",
    "DEL a c2",
    "GC a ",
    "GC b ",
  ]);
  expect(calls[4]?.stdin["cni.dev/valid-attachments"]).toEqual([{ containerID: "c1", ifname: "eth0" }]);
  expect(calls[4]?.stdin["cni.dev/attachments"]).toEqual([{ containerID: "c1", ifname: "eth0" }]);
  expect(t.runtime.cached().map((e) => `${e.network} ${e.containerId}`)).toEqual(["n c1", "other c0"]);
});

test("no list is refused; an empty one means that nothing lives", async () => {
  using t = setUp();
  await t.runtime.add(net("n"), t.attach(0));
  await expect(t.runtime.gc(net("n"), undefined)).rejects.toThrow("valid attachments: got no list");
  await t.runtime.gc(net("n"), []);
  expect(t.runtime.cached()).toEqual([]);
});

test("disableGC means that nothing is touched", async () => {
  using t = setUp();
  await t.runtime.add(net("n"), t.attach(0));
  t.host.forget();
  await t.runtime.gc(net("n", { disableGC: true }), []);
  expect(t.host.story()).toEqual([]);
  expect(t.runtime.cached()).toHaveLength(1);
});

test("before 1.1.0 plugins are not asked for GC, and stale attachments are deleted all the same", async () => {
  using t = setUp();
  const old = net("n", { cniVersion: "0.4.0" });
  await t.runtime.add(old, t.attach(0));
  t.host.forget();
  await t.runtime.gc(old, []);
  expect(t.host.story()).toEqual(["DEL b", "DEL a"]);
});

test("one failure does not keep the rest from being collected, and all are told", async () => {
  using t = setUp();
  for (const i of [0, 1]) await t.runtime.add(net("n"), t.attach(i));
  t.host.does("a", "DEL", `[ "$CNI_CONTAINERID" = c0 ] && { echo '{"code":5,"msg":"no luck"}'; exit 1; }; exit 0`);
  t.host.does("a", "GC", `echo '{"code":5,"msg":"worse"}'; exit 1`);
  const error = await t.runtime.gc(net("n"), []).catch((e: unknown) => e);
  expect(faultMessage(faultOf(error))).toBe("plugin a: no luck; plugin a: worse");
  expect(t.host.story().slice(-1)).toEqual(["GC b"]);
  expect(t.runtime.cached().map((e) => e.containerId)).toEqual(["c0"]);
});

test("a path that has come to mean another namespace is not given to DEL", async () => {
  using t = setUp();
  await t.runtime.add(net("n"), t.attach(0));
  const file = join(t.host.cacheDir, "results", "n-c0-eth0");
  const entry = JSON.parse(await Bun.file(file).text());
  // As when the process whose namespace it was has ended and its PID is another container's.
  writeFileSync(file, JSON.stringify({ ...entry, netns: t.spaces[1]?.path }));
  t.host.forget();
  await t.runtime.gc(net("n"), []);
  expect(t.host.calls().map((c) => `${c.verb} ${c.netns}`)).toEqual(["DEL ", "DEL ", "GC ", "GC "]);
});

test("an entry that cannot be read is told of and left", async () => {
  using t = setUp();
  await t.runtime.add(net("n"), t.attach(0));
  writeFileSync(join(t.host.cacheDir, "results", "n-c9-eth0"), "{");
  await t.runtime.gc(net("n"), []);
  expect(t.logged.join()).toContain("cannot be told whose it is");
  expect(t.runtime.cached()).toMatchObject([{ damage: { kind: "bad-syntax" } }]);
});
