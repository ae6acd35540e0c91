/** What is refused before anything is touched, and what is remembered of what was done. */
import { expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultMessage } from "../../base/fault.ts";
import { parseNetwork } from "../spec/list.ts";
import { abc, faultFrom, prevOf, setUp } from "./testing/chain.ts";

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
