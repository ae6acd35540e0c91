/** `podwire cni` as a person meets it: what is printed, where, and the exit status. */
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fakeHost } from "../../cni/runtime/testing/fake-plugins.ts";
import { makeNetns } from "../../kernel/testing/netns.ts";
import { runCli } from "../cli/testing/run-cli.ts";

const list = (type: string) =>
  JSON.stringify({ cniVersion: "1.1.0", name: "pods", plugins: [{ type }, { type: "b" }] });

const setUp = () => {
  const host = fakeHost();
  host.plugins("a", "b");
  host.conf("10-pods.conflist", list("a"));
  const ns = makeNetns();
  const env = { NETCONFPATH: host.confDir, CNI_PATH: host.binDir };
  const run = (...argv: string[]) => runCli(["cni", ...argv, "--cache-dir", host.cacheDir], { env });
  return {
    host,
    ns,
    run,
    [Symbol.dispose]: () => {
      host[Symbol.dispose]();
      ns[Symbol.dispose]();
    },
  };
};

test("add prints the result, list shows it, del takes a namespace's name, and the config may be gone by then", async () => {
  using t = setUp();
  const added = await t.run("add", "pods", t.ns.name);
  expect(added.exit).toBe(0);
  expect(JSON.parse(added.out)).toEqual({ cniVersion: "1.1.0", interfaces: [{ name: "b" }] });
  expect((await t.run("list")).out).toMatch(
    /pods +1\.1\.0 +a,b .*\n\nATTACHED TO.*\npods +cnitool-[0-9a-f]{20} +eth0 +- +attached\n$/,
  );
  const json = JSON.parse((await t.run("list", "-o", "json")).out);
  expect([json.kind, json.networks[0].name, json.attachments[0].state]).toEqual(["CniList", "pods", "attached"]);
  t.host.conf("10-pods.conflist", list("gone"));
  t.host.forget();
  expect(await t.run("del", "pods", t.ns.path)).toEqual({ exit: 0, out: "", err: "" });
  expect(t.host.story()).toEqual(["DEL b", "DEL a"]);
});

test("the container ID is cnitool's", async () => {
  using t = setUp();
  await t.run("add", "pods", t.ns.path);
  const oracle = Bun.spawnSync(["sh", "-c", `printf %s '${t.ns.path}' | sha512sum | cut -c 1-20`])
    .stdout.toString()
    .trim();
  expect(t.host.calls()[0]?.container).toBe(`cnitool-${oracle}`);
});

test("--dry-run prints lines that a shell runs to the same effect, and runs nothing itself", async () => {
  using t = setUp();
  const dry = await t.run("add", "pods", t.ns.name, "--dry-run");
  expect(t.host.story()).toEqual([]);
  expect(Bun.spawnSync(["sh", "-c", dry.out.slice(0, dry.out.indexOf("\n\n#"))]).exitCode).toBe(0);
  const [typed] = t.host.calls();
  t.host.forget();
  await t.run("add", "pods", t.ns.name);
  expect(typed).toBeDefined();
  expect(t.host.calls()[0]?.stdin).toEqual(typed!.stdin);
  expect(t.host.calls()[0]?.container).toBe(typed!.container);
});

test("what a check finds is exit status 1, what cannot be asked is 2", async () => {
  using t = setUp();
  expect((await t.run("check", "pods", t.ns.name)).exit).toBe(2);
  await t.run("add", "pods", t.ns.name);
  expect((await t.run("check", "pods", t.ns.name)).exit).toBe(0);
  t.host.does("a", "CHECK", `echo '{"code":104,"msg":"eth0 is down"}'; exit 1`);
  expect(await t.run("check", "pods", t.ns.name)).toEqual({ exit: 1, out: "", err: "error: plugin a: eth0 is down\n" });
  const two = '{"code":104,"msg":"x; y","errors":[{"msg":"x","details":"mend x"},{"msg":"y"}]}';
  t.host.does("b", "CHECK", `echo '${two}'; exit 1`);
  expect((await t.run("check", "pods", t.ns.name)).err).toBe(
    "error: plugin a: eth0 is down\nerror: plugin b: 2 problems\n  x\n    details: mend x\n  y\n",
  );
  t.host.does("a", "STATUS", `echo '{"code":50,"msg":"full"}'; exit 1`);
  expect((await t.run("status", "pods")).exit).toBe(1);
});

test("gc wants to be told what lives", async () => {
  using t = setUp();
  await t.run("add", "pods", t.ns.name, "--container-id", "c1");
  const vague = await t.run("gc", "pods");
  expect([vague.exit, vague.err]).toEqual([2, expect.stringContaining("--keep-living, --keep-cached, --keep")]);
  expect((await t.run("gc", "pods", "--none-valid", "--keep-living")).exit).toBe(2);
  for (const keep of [["--keep-living"], ["--keep-cached"], ["--keep", "c1/eth0"]]) {
    t.host.forget();
    expect((await t.run("gc", "pods", ...keep)).exit).toBe(0);
    expect(t.host.story()).toEqual(["GC a", "GC b"]);
  }
  t.host.forget();
  expect((await t.run("gc", "pods", "--none-valid", "--dry-run")).out).toStartWith("# DEL c1 eth0\n");
  expect(t.host.story()).toEqual([]);
  await t.run("gc", "pods", "--none-valid");
  expect(t.host.story()).toEqual(["DEL b", "DEL a", "GC a", "GC b"]);
});

test("validate tells file, line and column, unknown keys and missing plugins", async () => {
  using t = setUp();
  expect(await t.run("validate")).toMatchObject({ exit: 0, out: expect.stringMatching(/^fine .*: a, b\n$/) });
  t.host.plugins("bridge", "host-local");
  const file = t.host.conf(
    "20-typo.conflist",
    `{"cniVersion":"1.0.0","name":"typo","plugins":[
  {"type":"bridge","brigde":"x","ipam":{"type":"host-local","subnet":"10.0.0.0/99"}},
  {"type":"nowhere"}]}`,
  );
  t.host.conf("30-cut.conf", "{");
  const { exit, out } = await t.run("validate");
  expect(exit).toBe(1);
  expect(out).toContain(`error    ${join(t.host.confDir, "30-cut.conf")}:1:2: `);
  expect(out).toMatch(new RegExp(`error +${file}:2:70: ipam.subnet: `));
  expect(out).toMatch(new RegExp(`warning +${file}:2:29: .*brigde.*did you mean bridge`));
  expect(out).toContain(`plugin nowhere: not in ${t.host.binDir}`);
  t.host.conf("40-twice.conf", '{"cniVersion":"1.0.0","name":"twice","name":"pods2","type":"a"}');
  expect((await t.run("validate", "pods2")).out).toContain("40-twice.conf:1:38: name: the key is there twice");
  expect((await t.run("validate", file)).out).not.toContain("30-cut");
  expect((await t.run("validate", "pods")).exit).toBe(0);
});

test("list of a folder without networks prints no data, and a script gets an empty list", async () => {
  using t = setUp();
  t.host.conf("10-pods.conflist", "{");
  const said = await t.run("list");
  expect([said.exit, said.out]).toEqual([0, ""]);
  expect(said.err).toStartWith(`no networks in ${t.host.confDir}\nnever used: ${t.host.confDir}/10-pods.conflist:1:`);
  const json = JSON.parse((await t.run("list", "-o", "json")).out);
  expect([json.networks, json.attachments]).toEqual([[], []]);
  expect(Object.keys(json.problems[0])).toEqual(["file", "line", "column", "message"]);
});

test("a plugin that says no is exit status 1 for add and del as well", async () => {
  using t = setUp();
  t.host.does("a", "ADD", `echo '{"code":100,"msg":"no free address"}'; exit 1`);
  expect(await t.run("add", "pods", t.ns.name)).toEqual({
    exit: 1,
    out: "",
    err: "error: plugin a: no free address\n",
  });
  expect((await t.run("add", "pods", "no-such-netns")).exit).toBe(2);
  t.host.does("a", "DEL", `echo '{"code":5,"msg":"stuck"}'; exit 1`);
  expect((await t.run("del", "pods", t.ns.name)).exit).toBe(1);
});

test("list tells which network container runtimes take, and which files nobody does", async () => {
  using t = setUp();
  t.host.conf("05-first.conf", JSON.stringify({ cniVersion: "1.0.0", name: "first", type: "a" }));
  t.host.conf("20-copy.conflist", list("a"));
  t.host.conf("30-old.conflist.bak", list("a"));
  const { out, err } = await t.run("list");
  expect(out).toMatch(/^NETWORK.*\nfirst +1\.0\.0 +a +container runtimes .*\npods +1\.1\.0 +a,b +name only /);
  expect(err).toMatch(/^never used: .*20-copy\.conflist: network "pods": is given by .*\nnever read: .*30-old.*\n$/);
  t.host.conf("00-cut.conf", "{");
  expect((await t.run("list")).err).toContain(`containerd stops at ${t.host.confDir}/00-cut.conf`);
  const { networks } = JSON.parse((await t.run("list", "-o", "json")).out);
  expect(networks.map((n: { takenByRuntimes: boolean }) => n.takenByRuntimes)).toEqual([true, false]);
});

test("status tells what is known of an older version, and that a plugin which is not there is an error", async () => {
  using t = setUp();
  expect(await t.run("status")).toEqual({ exit: 0, out: "", err: "network pods is ready\n" });
  const cut = t.host.conf("00-cut.conf", "{");
  const stopped = await t.run("status");
  expect([stopped.exit, stopped.err]).toEqual([1, expect.stringMatching(/^containerd stops at .*00-cut\.conf/)]);
  rmSync(cut);
  t.host.conf("20-old.conf", JSON.stringify({ cniVersion: "0.4.0", name: "old", type: "a" }));
  t.host.forget();
  expect((await t.run("status", "old")).err).toBe(
    "network old is ready: CNI 0.4.0 has no STATUS, so its plugins were asked as of 1.1.0\n",
  );
  expect(t.host.story()).toEqual(["VERSION a", "STATUS a"]);
  t.host.does("a", "STATUS", `echo '{"code":50,"msg":"full"}'; exit 1`);
  expect(await t.run("status", "old")).toMatchObject({ exit: 1, err: "error: plugin a: full\n" });
  t.host.does("a", "VERSION", `echo '{"cniVersion":"0.4.0","supportedVersions":["0.4.0"]}'`);
  const older = await t.run("status", "old");
  expect([older.exit, older.err]).toEqual([0, expect.stringContaining("CNI 0.4.0 has no STATUS. Its config is right")]);
  t.host.conf(
    "30-gone.conflist",
    JSON.stringify({ cniVersion: "0.4.0", name: "gone", plugins: [{ type: "no1" }, { type: "no2" }] }),
  );
  const gone = await t.run("status", "gone");
  expect([gone.exit, gone.err.match(/error: plugin no[12]: not in /g)?.length]).toEqual([1, 2]);
  t.host.plugins("bridge");
  t.host.conf("40-wrong.conf", JSON.stringify({ cniVersion: "0.4.0", name: "wrong", type: "bridge", mtu: "x" }));
  const wrong = await t.run("status", "wrong");
  expect([wrong.exit, wrong.err]).toEqual([
    1,
    expect.stringContaining("40-wrong.conf:1:60: mtu: expected a whole number"),
  ]);
});
