/** Runtimes that are killed in the middle, and several that work at once. */
import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { makeNetns } from "../../kernel/testing/netns.ts";
import { run } from "../../kernel/testing/run.ts";
import { parseNetwork } from "../spec/list.ts";
import { openRuntime } from "./runtime.ts";
import { type FakeHost, fakeHost } from "./testing/fake-plugins.ts";

const list = parseNetwork({ cniVersion: "1.1.0", name: "n", plugins: [{ type: "a" }, { type: "b" }, { type: "c" }] });
const runtimeOn = (host: FakeHost) =>
  openRuntime({ confDir: host.confDir, path: [host.binDir], cacheDir: host.cacheDir });
const startAdder = (host: FakeHost, containerId: string, netns: string) =>
  Bun.spawn(
    [process.execPath, join(import.meta.dir, "testing/adder.child.ts"), dirname(host.binDir), containerId, netns],
    {
      stdio: ["ignore", "inherit", "inherit"],
    },
  );

/** ADD of `plugin` tells the pipe that it has begun and then hangs until it is ended through the other. */
const hangIn = (host: FakeHost, plugin: string) => {
  const [begun, end] = [join(host.binDir, "begun"), join(host.binDir, "end")];
  run(["mkfifo", begun, end]);
  host.does(plugin, "ADD", `echo > "$dir/begun"; cat "$dir/end"; printf '{"interfaces":[{"name":"%s"}]}' "$plugin"`);
  return { begun: () => Bun.file(begun).text(), end: () => Bun.spawn(["sh", "-c", `: > '${end}'`]).exited };
};

const killedInB = async () => {
  const host = fakeHost();
  host.plugins("a", "b", "c");
  const ns = makeNetns();
  const hang = hangIn(host, "b");
  const adder = startAdder(host, "c1", ns.path);
  await hang.begun();
  adder.kill("SIGKILL");
  await adder.exited;
  await hang.end();
  host.forget();
  return { host, ns, attach: { containerId: "c1", ifname: "eth0", netns: ns.path } };
};
const prevNames = (host: FakeHost) =>
  host.calls().map((c) => (c.stdin.prevResult as { interfaces: { name: string }[] } | undefined)?.interfaces[0]?.name);

test("an ADD that was killed in its second plugin is undone by DEL with the result of the first", async () => {
  const { host, ns, attach } = await killedInB();
  using _host = host;
  using _ns = ns;
  const runtime = runtimeOn(host);
  expect(runtime.cached()).toMatchObject([{ containerId: "c1", progress: { started: 2, finished: 1, of: 3 } }]);
  await runtime.del("n", attach);
  expect(host.story()).toEqual(["DEL c", "DEL b", "DEL a"]);
  expect(prevNames(host)).toEqual(["a", "a", "a"]);
  expect(runtime.cached()).toEqual([]);
});

test("GC undoes it too, and so does the next ADD before it begins", async () => {
  const first = await killedInB();
  using _host = first.host;
  using _ns = first.ns;
  await runtimeOn(first.host).gc(list, []);
  expect(first.host.story()).toEqual(["DEL c", "DEL b", "DEL a", "GC a", "GC b", "GC c"]);
  const second = await killedInB();
  using _host2 = second.host;
  using _ns2 = second.ns;
  second.host.does("b", "ADD", "echo null");
  await runtimeOn(second.host).add(list, second.attach);
  expect(second.host.story()).toEqual(["DEL c", "DEL b", "DEL a", "ADD a", "ADD b", "ADD c"]);
});

test("operations on one container wait for each other, also across processes, and GC waits for all", async () => {
  using host = fakeHost();
  host.plugins("a", "b", "c");
  using ns = makeNetns();
  const hang = hangIn(host, "b");
  const adder = startAdder(host, "c1", ns.path);
  await hang.begun();
  const runtime = runtimeOn(host);
  const del = runtime.del(list, { containerId: "c1", ifname: "eth0", netns: ns.path });
  const collected = runtime.gc(list, []);
  await hang.end();
  await Promise.all([adder.exited, del, collected]);
  // DEL or GC may come first, but neither in the midst of another.
  const story = host.story();
  const blocks = Array.from({ length: story.length / 3 }, (_, i) => story.slice(3 * i, 3 * i + 3).join(", "));
  const [add, ...rest] = blocks;
  expect(add).toBe("ADD a, ADD b, ADD c");
  expect([...new Set(rest)].sort()).toEqual(["DEL c, DEL b, DEL a", "GC a, GC b, GC c"]);
});

test("another container does not wait for one that hangs", async () => {
  using host = fakeHost();
  host.plugins("a", "b", "c");
  using ns = makeNetns();
  using ns2 = makeNetns();
  const hang = hangIn(host, "b");
  const adder = startAdder(host, "c1", ns.path);
  await hang.begun();
  const lone = parseNetwork({ cniVersion: "1.1.0", name: "m", plugins: [{ type: "a" }] });
  await runtimeOn(host).add(lone, { containerId: "c2", ifname: "eth0", netns: ns2.path });
  expect(host.story()).toEqual(["ADD a", "ADD b", "ADD a"]);
  await hang.end();
  expect(await adder.exited).toBe(0);
});

test("twenty ADDs at once are twenty whole attachments, and twenty DELs leave nothing", async () => {
  using host = fakeHost();
  host.plugins("a", "b", "c");
  using ns = makeNetns();
  const runtimes = [runtimeOn(host), runtimeOn(host)];
  const attach = (i: number) => ({ containerId: `c${i}`, ifname: `eth${i}`, netns: ns.path });
  const twenty = Array.from({ length: 20 }, (_, i) => i);
  await Promise.all(twenty.map((i) => runtimes[i % 2]!.add(list, attach(i))));
  expect(runtimes[0]!.cached().map((e) => e.progress)).toEqual(twenty.map(() => ({ started: 3, finished: 3, of: 3 })));
  for (const i of twenty)
    expect(
      host
        .calls()
        .filter((c) => c.container === `c${i}`)
        .map((c) => c.plugin),
    ).toEqual(["a", "b", "c"]);
  await Promise.all(twenty.map((i) => runtimes[i % 2]!.del(list, attach(i))));
  expect(runtimes[0]!.cached()).toEqual([]);
});
