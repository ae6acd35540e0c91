import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { run } from "../../../kernel/testing/run.ts";
import { complaints, makeWire, podwire, sockets, start } from "../testing/nodes.ts";

/** A server in a namespace, that knows one key; and an `ssh` that has it. */
const withSshd = async (
  ns: TestNetns,
  settings: string,
  act: (env: Record<string, string>, dir: string) => Promise<void>,
): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), "podwire-ssh-"));
  mkdirSync(join(dir, "bin"));
  mkdirSync(join(dir, "left"));
  mkdirSync("/run/sshd", { recursive: true });
  for (const name of ["host", "id"]) run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(dir, name)]);
  const conf = [
    `HostKey ${dir}/host`,
    `AuthorizedKeysFile ${dir}/id.pub`,
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    settings.replaceAll("DIR", dir),
  ];
  writeFileSync(join(dir, "conf"), `${conf.join("\n")}\n`);
  const known = `-o StrictHostKeyChecking=no -o UserKnownHostsFile=${dir}/known`;
  const ssh = `#!/bin/sh\nexec /usr/bin/ssh -F none -i ${dir}/id ${known} "$@"\n`;
  writeFileSync(join(dir, "bin/ssh"), ssh, { mode: 0o755 });
  const argv = ["nsenter", `--net=${ns.path}`, "/usr/sbin/sshd", "-D", "-e", "-f", join(dir, "conf")];
  const sshd = Bun.spawn(argv, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  try {
    const reader = sshd.stderr.getReader();
    await reader.read(); // "Server listening on ..."
    reader.releaseLock();
    await act({ PATH: `${dir}/bin:${process.env.PATH}` }, dir);
  } finally {
    sshd.kill();
    await sshd.exited;
    rmSync(dir, { recursive: true, force: true });
  }
};

const check = ["node", "check", "-o", "json", "--ssh", "root@10.0.0.2=control-plane"];

test("an executable that is not there is sent, runs, and leaves nothing", async () => {
  using wire = makeWire(2);
  const [one, two] = wire.nodes as [never, TestNetns];
  await withSshd(two, "SetEnv TMPDIR=DIR/left", async (env, dir) => {
    await using first = start(one, "n1", check, env);
    const { exit, out, err } = await first.ended();
    expect(complaints(out)).toEqual([]);
    expect(err).toMatch(/\(control-plane, 10\.0\.0\.2, fd00::2\) is here/);
    expect(exit).toBe(1); // both are one machine, and say so
    expect(readdirSync(join(dir, "left"))).toEqual([]);
  });
  expect(wire.nodes.flatMap(sockets).filter((line) => !line.includes(":22 "))).toEqual([]);
}, 60_000);

test("a podwire in PATH there is used, and nothing is sent", async () => {
  using wire = makeWire(2);
  const [one, two] = wire.nodes as [never, TestNetns];
  await withSshd(two, "SetEnv TMPDIR=/nowhere PATH=DIR/there:/usr/bin:/bin", async (env, dir) => {
    mkdirSync(join(dir, "there"));
    symlinkSync(podwire, join(dir, "there/podwire"));
    await using first = start(one, "n1", check, env);
    expect(complaints((await first.ended()).out)).toEqual([]);
  });
}, 60_000);

test("who is not let in is told in ssh's own words", async () => {
  using wire = makeWire(2);
  const [one, two] = wire.nodes as [never, TestNetns];
  await withSshd(two, "DenyUsers root", async (env) => {
    await using first = start(one, "n1", [...check, "--peers", "--wait", "1s"], env);
    const { exit, err } = await first.ended();
    expect(exit).toBe(2);
    expect(err).toMatch(/root@10\.0\.0\.2: no answer from root@10\.0\.0\.2: .*(denied|closed)/i);
  });
}, 60_000);
