/** Plugins that are busy, silent, killed or talk nonsense. */
import { expect, test } from "bun:test";
import { chmodSync, closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultFix, faultMessage } from "../../base/fault.ts";
import { parseNetwork } from "../spec/list.ts";
import { abc, faultFrom, setUp } from "./testing/chain.ts";

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
