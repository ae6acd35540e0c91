/** What a chain does when all goes well, when a plugin fails and when one is killed: seen by plugins that take notes. */
import { expect, test } from "bun:test";
import { chmodSync, closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Fault, FaultError, faultFix, faultMessage } from "../../base/fault.ts";
import { makeNetns } from "../../kernel/testing/netns.ts";
import { parseNetwork } from "../spec/list.ts";
import { type Attach, openRuntime, type RuntimeOptions } from "./runtime.ts";
import { type FakeHost, fakeHost } from "./testing/fake-plugins.ts";

const abc = (version = "1.0.0", more = {}) =>
  parseNetwork({ cniVersion: version, name: "net", plugins: [{ type: "a" }, { type: "b" }, { type: "c" }], ...more });

const setUp = (more: Partial<RuntimeOptions> = {}) => {
  const host = fakeHost();
  const ns = makeNetns();
  host.plugins("a", "b", "c");
  const logged: string[] = [];
  const runtime = openRuntime({
    confDir: host.confDir,
    path: [host.binDir],
    cacheDir: host.cacheDir,
    log: (line) => logged.push(line),
    pause: () => Promise.resolve(),
    ...more,
  });
  const attach: Attach = { containerId: "c1", netns: ns.path, ifname: "eth0" };
  const entry = (): string => join(host.cacheDir, "results", "net-c1-eth0");
  return {
    host,
    runtime,
    attach,
    logged,
    entry,
    [Symbol.dispose]: () => {
      host[Symbol.dispose]();
      ns[Symbol.dispose]();
    },
  };
};

const faultFrom = async (act: Promise<unknown>): Promise<Fault> => {
  const error = await act.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof FaultError)) throw new Error(`expected a fault, got ${String(error)}`);
  return error.fault;
};
const prevOf = (host: FakeHost) => host.calls().map((c) => names(c.stdin.prevResult));
const names = (result: unknown) => (result as { interfaces?: { name: string }[] })?.interfaces?.map((i) => i.name);

test("ADD runs the plugins in order, each with the result of the one before, and gives the last one's", async () => {
  using t = setUp();
  const result = await t.runtime.add(abc(), { ...t.attach, args: "K8S_POD_NAME=web" });
  expect(t.host.story()).toEqual(["ADD a", "ADD b", "ADD c"]);
  expect(prevOf(t.host)).toEqual([undefined, ["a"], ["b"]]);
  expect(result.interfaces.map((i) => i.name)).toEqual(["c"]);
  for (const c of t.host.calls()) {
    expect([c.container, c.ifname, c.netns, c.args]).toEqual(["c1", "eth0", t.attach.netns, "K8S_POD_NAME=web"]);
    expect([c.stdin.name, c.stdin.cniVersion, c.stdin.type]).toEqual(["net", "1.0.0", c.plugin]);
  }
});

test("DEL runs backwards, CHECK forwards, both with the final result, and DEL forgets the attachment", async () => {
  using t = setUp();
  await t.runtime.add(abc(), { ...t.attach, args: "A=1" });
  t.host.forget();
  await t.runtime.check(abc(), t.attach);
  await t.runtime.del(abc(), t.attach);
  expect(t.host.story()).toEqual(["CHECK a", "CHECK b", "CHECK c", "DEL c", "DEL b", "DEL a"]);
  expect(prevOf(t.host)).toEqual(Array(6).fill(["c"]));
  expect(t.host.calls().map((c) => c.args)).toEqual(Array(6).fill("A=1"));
  expect(t.runtime.cached()).toEqual([]);
  await t.runtime.del(abc(), t.attach);
});

test("before 0.4.0 DEL gets no result and CHECK is refused", async () => {
  using t = setUp();
  await t.runtime.add(abc("0.3.1"), t.attach);
  t.host.forget();
  expect(await faultFrom(t.runtime.check(abc("0.3.1"), t.attach))).toMatchObject({ kind: "version", got: "0.3.1" });
  await t.runtime.del(abc("0.3.1"), t.attach);
  expect(prevOf(t.host)).toEqual(Array(3).fill(undefined));
});

test("a plugin gets the capabilities that it declares and no others", async () => {
  using t = setUp();
  const plugins = [{ type: "a" }, { type: "b", capabilities: { portMappings: true, ips: false } }];
  const list = parseNetwork({ cniVersion: "1.0.0", name: "net", plugins });
  const capabilityArgs = { portMappings: [{ hostPort: 80 }], ips: ["10.0.0.1"] };
  await t.runtime.add(list, { ...t.attach, capabilityArgs });
  expect(t.host.calls().map((c) => c.stdin.runtimeConfig)).toEqual([undefined, { portMappings: [{ hostPort: 80 }] }]);
  expect(t.host.calls().map((c) => c.stdin.capabilities)).toEqual([undefined, undefined]);
  expect(t.logged).toEqual(["capability ips was given and no plugin of net declares it"]);
  t.host.forget();
  await t.runtime.del(list, t.attach);
  expect(t.host.calls().map((c) => c.stdin.runtimeConfig)).toEqual([{ portMappings: [{ hostPort: 80 }] }, undefined]);
});

test("a failed ADD is undone for every plugin of the list, with the result so far, and leaves nothing behind", async () => {
  using t = setUp();
  t.host.does("b", "ADD", `echo '{"code":7,"msg":"no such thing","details":"x"}'; exit 1`);
  const fault = await faultFrom(t.runtime.add(abc(), t.attach));
  expect(fault).toEqual({ kind: "plugin", plugin: "b", code: 7, msg: "no such thing", details: "x" });
  expect(t.host.story()).toEqual(["ADD a", "ADD b", "DEL c", "DEL b", "DEL a"]);
  expect(prevOf(t.host).slice(2)).toEqual(Array(3).fill(["a"]));
  expect(readdirSync(join(t.host.cacheDir, "results"))).toEqual([]);
});

test("when undoing fails too, both are told and the attachment is remembered for the next DEL", async () => {
  using t = setUp();
  t.host.does("c", "ADD", "echo broken >&2; exit 3");
  t.host.does("b", "DEL", "exit 1");
  const fault = await faultFrom(t.runtime.add(abc(), t.attach));
  expect(faultMessage(fault)).toContain(
    "plugin c: failed, and its output is not a CNI error: exit status 3, output: broken",
  );
  expect(faultMessage(fault)).toContain("plugin b: failed without a word");
  expect(t.runtime.cached()[0]).toMatchObject({ containerId: "c1", progress: { started: 3, finished: 2, of: 3 } });
  expect(t.logged).toContain("c: broken");
});

test("a plugin that ADD never came to does not keep the address when its DEL fails", async () => {
  using t = setUp();
  t.host.does("a", "ADD", "exit 1");
  t.host.does("c", "DEL", "exit 1");
  await faultFrom(t.runtime.add(abc(), t.attach));
  expect(t.host.story()).toEqual(["ADD a", "DEL c", "DEL b", "DEL a"]);
  expect(t.runtime.cached()).toEqual([]);
});

test("DEL goes on after a failure, but not to the plugin that holds the address, unless it is told to", async () => {
  using t = setUp();
  await t.runtime.add(abc(), t.attach);
  t.host.does("c", "DEL", "exit 1");
  t.host.forget();
  const fault = await faultFrom(t.runtime.del(abc(), t.attach));
  expect(t.host.story()).toEqual(["DEL c", "DEL b"]);
  expect(faultMessage(fault)).toContain("a was not asked to DEL: it would free an address that c may still point at");
  expect(faultFix(fault)).toContain("--past-failures");
  expect(t.runtime.cached()).toHaveLength(1);
  t.host.forget();
  await faultFrom(t.runtime.del(abc(), t.attach, { pastFailures: true }));
  expect(t.host.story()).toEqual(["DEL c", "DEL b", "DEL a"]);
  writeFileSync(join(t.host.binDir, "c.DEL"), "exit 0");
  await t.runtime.del(abc(), t.attach);
  expect(t.runtime.cached()).toEqual([]);
});

test("a second ADD is refused and does not disturb the first", async () => {
  using t = setUp();
  await t.runtime.add(abc(), t.attach);
  t.host.forget();
  const fault = await faultFrom(t.runtime.add(abc(), t.attach));
  expect(fault).toMatchObject({ kind: "exists", what: "attachment of c1 eth0 to net" });
  expect(t.host.story()).toEqual([]);
});

test("an interface that was there before is not removed when ADD fails on it", async () => {
  using t = setUp();
  t.host.does("a", "ADD", `echo '{"code":11,"msg":"later"}'; exit 1`);
  await faultFrom(t.runtime.add(abc(), { ...t.attach, ifname: "lo" }));
  expect(t.host.story()).toEqual(Array(4).fill("ADD a"));
  expect(t.runtime.cached()).toEqual([]);
});

test("a missing plugin is found out before anything is touched", async () => {
  using t = setUp();
  const list = parseNetwork({ cniVersion: "1.0.0", name: "net", plugins: [{ type: "a" }, { type: "nowhere" }] });
  const fault = await faultFrom(t.runtime.add(list, t.attach));
  expect(faultMessage(fault)).toBe(`plugin nowhere: not in ${t.host.binDir}`);
  expect(t.host.story()).toEqual([]);
});

test("a namespace that is missing, not one, or the runtime's own is refused before anything is touched", async () => {
  using t = setUp();
  const add = (netns: string) => faultFrom(t.runtime.add(abc(), { ...t.attach, netns }));
  expect(await add("/run/netns/none-of-that-name")).toMatchObject({ kind: "bad-netns", missing: true });
  expect(await add(t.host.binDir)).toMatchObject({ kind: "bad-netns", why: "is not a network namespace" });
  expect(await add("/proc/self/ns/net")).toMatchObject({ kind: "bad-netns" });
  expect(t.host.story()).toEqual([]);
});

test("names that would leave the cache folder are refused", async () => {
  using t = setUp();
  expect(await faultFrom(t.runtime.add(abc(), { ...t.attach, containerId: "../x" }))).toMatchObject({
    kind: "bad-env",
  });
  expect(await faultFrom(t.runtime.del(abc(), { ...t.attach, ifname: "a/b" }))).toMatchObject({ kind: "bad-env" });
});

test("DEL uses the config that ADD used, also when the file has changed or is gone", async () => {
  using t = setUp();
  await t.runtime.add(abc("1.0.0", { plugins: [{ type: "a", rate: 9007199254740993n }, { type: "b" }] }), t.attach);
  t.host.forget();
  await t.runtime.del("net", t.attach);
  expect(t.host.story()).toEqual(["DEL b", "DEL a"]);
  const raw = readFileSync(join(t.host.binDir, "calls"), "utf8");
  expect(raw).toContain('"rate":9007199254740993');
  expect(await faultFrom(t.runtime.del("net", t.attach))).toMatchObject({ kind: "not-found" });
});

test("a damaged cache entry stops CHECK, not DEL, which removes it", async () => {
  using t = setUp();
  await t.runtime.add(abc(), t.attach);
  writeFileSync(t.entry(), '{"kind":"cniCacheV1","contai');
  expect(await faultFrom(t.runtime.check(abc(), t.attach))).toMatchObject({ kind: "unavailable" });
  expect(await faultFrom(t.runtime.add(abc(), t.attach))).toMatchObject({ kind: "exists" });
  t.host.forget();
  await t.runtime.del(abc(), t.attach);
  expect(t.host.story()).toEqual(["DEL c", "DEL b", "DEL a"]);
  expect(prevOf(t.host)).toEqual(Array(3).fill(undefined));
  expect(t.runtime.cached()).toEqual([]);
});

test("disableCheck lets CHECK pass unasked, and CHECK reports what every plugin found", async () => {
  using t = setUp();
  await t.runtime.add(abc(), t.attach);
  t.host.does("a", "CHECK", `echo '{"code":104,"msg":"one"}'; exit 1`);
  t.host.does("c", "CHECK", `echo '{"code":104,"msg":"two"}'; exit 1`);
  expect(faultMessage(await faultFrom(t.runtime.check(abc(), t.attach)))).toBe("plugin a: one; plugin c: two");
  await t.runtime.del(abc(), t.attach);
  const off = abc("1.0.0", { disableCheck: true });
  await t.runtime.add(off, t.attach);
  await t.runtime.check(off, t.attach);
});

test("code 11 is tried again, with a DEL between two ADDs", async () => {
  using t = setUp();
  t.host.does(
    "b",
    "ADD",
    'if [ ! -e "$dir/once" ]; then touch "$dir/once"; echo \'{"code":11,"msg":"busy"}\'; exit 1; fi; echo null',
  );
  await t.runtime.add(abc(), t.attach);
  expect(t.host.story()).toEqual(["ADD a", "ADD b", "DEL b", "ADD b", "ADD c"]);
  expect(t.logged).toEqual(["b: busy: asked to try again later, in 100 ms"]);
});

test("code 11 that does not go away is given back as it is", async () => {
  using t = setUp();
  t.host.does("a", "STATUS", `echo '{"code":11,"msg":"busy"}'; exit 1`);
  expect(await faultFrom(t.runtime.status(abc("1.1.0")))).toMatchObject({ kind: "plugin", code: 11 });
  expect(t.host.story()).toEqual(Array(4).fill("STATUS a"));
});

test("STATUS stops at the first plugin that is not ready and keeps its code; before 1.1.0 there is nothing to ask", async () => {
  using t = setUp();
  t.host.does("b", "STATUS", `echo '{"code":50,"msg":"not yet"}'; exit 1`);
  expect(await faultFrom(t.runtime.status(abc("1.1.0")))).toMatchObject({ kind: "plugin", plugin: "b", code: 50 });
  expect(t.host.story()).toEqual(["STATUS a", "STATUS b"]);
  await t.runtime.status(abc("1.0.0"));
  expect(t.host.calls()).toHaveLength(2);
});

test("a result that is no result is a failed ADD that quotes it", async () => {
  using t = setUp();
  t.host.does("b", "ADD", "echo hello");
  expect(faultMessage(await faultFrom(t.runtime.add(abc(), t.attach)))).toContain("output: hello");
  t.host.does("b", "ADD", ":");
  expect(faultMessage(await faultFrom(t.runtime.add(abc(), t.attach)))).toBe(
    "plugin b: ADD succeeded and printed no result",
  );
  t.host.does("b", "ADD", "echo null");
  expect((await t.runtime.add(abc(), t.attach)).interfaces).toEqual([{ name: "c" }]);
});

test("a plugin that is killed is named with its signal", async () => {
  using t = setUp();
  t.host.does("b", "ADD", "echo half; kill -9 $$");
  expect(faultMessage(await faultFrom(t.runtime.add(abc(), t.attach)))).toBe(
    "plugin b: ADD was killed by SIGKILL: output: half",
  );
});

test("a plugin that gives no answer in time is killed and undone", async () => {
  using t = setUp({ timeoutMs: 300 });
  t.host.does("b", "ADD", "exec sleep 1000");
  expect(faultMessage(await faultFrom(t.runtime.add(abc(), t.attach)))).toBe(
    "plugin b: ADD gave no answer within 300 ms and was killed",
  );
  expect(t.host.story().slice(2)).toEqual(["DEL c", "DEL b", "DEL a"]);
});

test("a process that a plugin leaves behind with its pipes open is not waited for", async () => {
  using t = setUp();
  t.host.does("a", "ADD", 'sleep 1000 & echo $! > "$dir/left"; echo null');
  await t.runtime.add(abc(), t.attach);
  process.kill(Number(readFileSync(join(t.host.binDir, "left"), "utf8")));
});

test("a caller that gives up kills what runs; the next DEL finds what was done", async () => {
  const stop = new AbortController();
  using t = setUp({ signal: stop.signal });
  t.host.does("b", "ADD", 'mkfifo "$dir/pipe"; kill -USR2 $PPID; exec cat "$dir/pipe"');
  process.once("SIGUSR2", () => stop.abort());
  expect(faultMessage(await faultFrom(t.runtime.add(abc(), t.attach)))).toContain("ADD was killed: the caller gave up");
  expect(t.runtime.cached()[0]).toMatchObject({ progress: { started: 2, finished: 1, of: 3 } });
});

test("a plugin that is being replaced is waited for, one that may not be run is told how to mend", async () => {
  const open: number[] = [];
  using t = setUp({ pause: () => Promise.resolve(open.splice(0).forEach(closeSync)) });
  // A script's interpreter would be what is busy, so this one has to be a program.
  const file = join(t.host.binDir, "program");
  writeFileSync(file, readFileSync("/bin/true"));
  chmodSync(file, 0o755);
  const list = parseNetwork({ cniVersion: "1.1.0", name: "net", plugins: [{ type: "program" }] });
  open.push(openSync(file, "r+"));
  await t.runtime.status(list);
  expect(open).toEqual([]);
  chmodSync(file, 0o644);
  const fault = await faultFrom(t.runtime.status(list));
  expect([fault.kind, faultFix(fault)]).toEqual(["io", `chmod +x ${file}`]);
});

test("the cache folder and its entries are for root alone", async () => {
  using t = setUp();
  await t.runtime.add(abc(), t.attach);
  expect(statSync(t.entry()).mode & 0o777).toBe(0o600);
  expect(statSync(join(t.host.cacheDir, "results")).mode & 0o777).toBe(0o700);
});

test("what would be run can be had without running it", async () => {
  using t = setUp();
  await t.runtime.add(abc(), t.attach);
  t.host.forget();
  const runs = t.runtime.plan("DEL", abc(), t.attach);
  await t.runtime.del(abc(), t.attach);
  expect(runs.map((r) => r.stdin as Record<string, unknown>)).toEqual(t.host.calls().map((c) => c.stdin));
});
