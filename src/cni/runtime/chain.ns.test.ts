/** What a chain does when all goes well and when a plugin fails: seen by plugins that take notes. */
import { expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultFix, faultMessage } from "../../base/fault.ts";
import { parseNetwork } from "../spec/list.ts";
import { abc, faultFrom, prevOf, setUp } from "./testing/chain.ts";

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

test("an ADD that was refused for its config is cleared away with the mended one", async () => {
  using t = setUp();
  const refuse = `case "$stdin" in *wrong*) echo '{"code":7,"msg":"wrong subnet"}'; exit 1;; esac; [ $CNI_COMMAND = DEL ] || echo null`;
  for (const verb of ["ADD", "DEL"]) t.host.does("a", verb, refuse);
  const net = (subnet: string) => abc("1.0.0", { plugins: [{ type: "a", subnet }, { type: "b" }] });
  const fault = await faultFrom(t.runtime.add(net("wrong"), t.attach));
  expect(fault).toEqual({ kind: "plugin", plugin: "a", code: 7, msg: "wrong subnet" });
  expect(t.runtime.cached()).toHaveLength(1);
  await t.runtime.add(net("right"), t.attach);
  expect(t.runtime.cached()).toMatchObject([{ progress: { finished: 2 } }]);
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
