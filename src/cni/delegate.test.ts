/** Delegation with programs that are shell scripts: what they are given, and what becomes of what they say. */
import { describe, expect, test } from "bun:test";
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { faultOf } from "../base/fault.ts";
import type { Kernel } from "../net/kernel.ts";
import { type DelegateOptions, openDelegate } from "./delegate.ts";
import { runProgram } from "./exec.ts";
import { findProgram, isOwnProgram } from "./plugin-path.ts";
import type { Request } from "./spec/types.ts";

const withDir = async (act: (dir: string) => Promise<void>): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), "podwire-delegate-"));
  try {
    await act(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
};
const script = (dir: string, name: string, body: string, mode = 0o755): void => {
  writeFileSync(join(dir, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(dir, name), mode);
};

const request = (path: readonly string[], more: Partial<Request<unknown>> = {}): Request<unknown> => ({
  verb: "ADD",
  cniVersion: "1.0.0",
  network: "net1",
  containerId: "pod1",
  netns: "/run/netns/pod",
  ifname: "eth0",
  args: "A=B",
  path,
  config: undefined,
  raw: { cniVersion: "1.0.0", name: "net1", type: "bridge", big: 12345678901234567890n, ipam: { type: "ipam1" } },
  ...more,
});
const open = (options: Partial<DelegateOptions> = {}) => {
  const said: string[] = [];
  const base = { kernel: {} as Kernel, clock: systemClock, log: (line: string) => void said.push(line) };
  return { said, delegate: openDelegate(base, { env: { PATH: process.env.PATH, LANG: "C.UTF-8" }, ...options }) };
};
const failure = (act: Promise<unknown>) =>
  act.then(
    () => undefined,
    (error: unknown) => faultOf(error),
  );

test("a foreign plugin gets the whole config, the request's environment, and ours", () =>
  withDir(async (dir) => {
    script(
      dir,
      "ipam1",
      `env | grep -E '^(CNI_|LANG)' | sort >${dir}/env; cat >${dir}/stdin; echo '{"ips":[{"address":"10.1.2.3/24"}]}'`,
    );
    const result = await open().delegate.add("ipam1", request([dir]));
    expect(result.ips.map((ip) => String(ip.address.ip))).toEqual(["10.1.2.3"]);
    expect(await Bun.file(`${dir}/stdin`).text()).toBe(
      '{"cniVersion":"1.0.0","name":"net1","type":"bridge","big":12345678901234567890,"ipam":{"type":"ipam1"}}',
    );
    expect((await Bun.file(`${dir}/env`).text()).trim().split("\n")).toEqual([
      "CNI_ARGS=A=B",
      "CNI_COMMAND=ADD",
      "CNI_CONTAINERID=pod1",
      "CNI_IFNAME=eth0",
      "CNI_NETNS=/run/netns/pod",
      `CNI_PATH=${dir}`,
      "LANG=C.UTF-8",
    ]);
  }));

test("the verb it is asked is the call's, whatever the request's is, and no words are an empty answer", () =>
  withDir(async (dir) => {
    script(dir, "ipam1", `echo $CNI_COMMAND >>${dir}/verbs`);
    const { delegate } = open();
    // As when an ADD fails, and has its delegate take back what it did.
    await delegate.del("ipam1", request([dir]));
    await delegate.check("ipam1", request([dir]));
    await delegate.gc("ipam1", request([dir]));
    await delegate.status("ipam1", request([dir]));
    expect((await delegate.add("ipam1", request([dir], { verb: "DEL" }))).ips).toEqual([]);
    expect(await Bun.file(`${dir}/verbs`).text()).toBe("DEL\nCHECK\nGC\nSTATUS\nADD\n");
  }));

describe("a failing plugin", () => {
  test("has its error object relayed with its code, and its stderr", () =>
    withDir(async (dir) => {
      script(dir, "ipam1", `echo one >&2; echo two >&2; echo '{"code":11,"msg":"later","details":"lease"}'; exit 1`);
      const { said, delegate } = open();
      expect(await failure(delegate.add("ipam1", request([dir])))).toEqual({
        kind: "plugin",
        plugin: "ipam1",
        code: 11,
        msg: "later",
        details: "lease",
      });
      expect(said).toEqual(["ipam1: one", "ipam1: two"]);
    }));
  test("that is in no folder is named with the folders", () =>
    withDir(async (dir) => {
      const found = await failure(open().delegate.add("ipam1", request([dir, "/nowhere"])));
      expect(found).toMatchObject({ kind: "not-found", what: "plugin ipam1" });
      expect(JSON.stringify(found)).toContain(`${dir}, /nowhere`);
    }));
  test("that may not be executed is told with the command that mends it", () =>
    withDir(async (dir) => {
      script(dir, "ipam1", "exit 0", 0o644);
      expect(await failure(open().delegate.add("ipam1", request([dir])))).toEqual({
        kind: "io",
        op: "run plugin",
        path: join(dir, "ipam1"),
        errno: "EACCES",
        fix: `chmod +x ${dir}/ipam1`,
      });
    }));
  test("that prints something else than a result is refused by name", () =>
    withDir(async (dir) => {
      script(dir, "ipam1", "echo hello");
      expect(await failure(open().delegate.add("ipam1", request([dir])))).toMatchObject({
        kind: "bad-syntax",
        file: "result of ipam1",
      });
    }));
});

test("a program that is still being written is tried again until it can run", () =>
  withDir(async (dir) => {
    script(dir, "ipam1", "echo ran");
    const writer = openSync(join(dir, "ipam1"), "r+");
    // The first try is made before the call returns, and fails: a file open for writing cannot be executed.
    const running = runProgram(join(dir, "ipam1"), { env: {}, stdin: "" });
    closeSync(writer);
    expect(await running).toEqual({ stdout: "ran\n", stderr: "", exit: 0 });
  }));

describe("whose a plugin is", () => {
  test("is decided by the file, whatever its name: device and inode of the running program", () =>
    withDir(async (dir) => {
      symlinkSync("/proc/self/exe", join(dir, "host-local"));
      script(dir, "bridge", "exit 0");
      expect(isOwnProgram(findProgram("host-local", [dir]))).toBe(true);
      expect(isOwnProgram(findProgram("bridge", [dir]))).toBe(false);
    }));
  test("a foreign program under a name of ours is executed", () =>
    withDir(async (dir) => {
      script(dir, "host-local", `echo '{"ips":[{"address":"10.9.9.9/24"}]}'`);
      const result = await open().delegate.add("host-local", request([dir]));
      expect(result.ips.map((ip) => String(ip.address.ip))).toEqual(["10.9.9.9"]);
    }));
  test("ours runs here, without a process, and the first folder of the path wins", () =>
    withDir(async (dir) => {
      symlinkSync("/proc/self/exe", join(dir, "host-local"));
      const run = (): never => {
        throw new Error("was executed");
      };
      const ipam = { type: "host-local", dataDir: dir, subnet: "10.1.2.0/24" };
      const raw = { cniVersion: "1.0.0", name: "net1", type: "bridge", ipam };
      const { delegate } = open({ run });
      const result = await delegate.add("host-local", request([dir, "/usr/lib/cni"], { raw, args: "" }));
      expect(result.ips.map((ip) => String(ip.address.ip))).toEqual(["10.1.2.2"]);
    }));
});

test("a program that reads nothing of what it is given, however much, is no failure", () =>
  withDir(async (dir) => {
    script(dir, "deaf", "exit 0");
    const ran = await runProgram(join(dir, "deaf"), { env: {}, stdin: "x".repeat(3_000_000) });
    expect(ran).toEqual({ stdout: "", stderr: "", exit: 0 });
  }));
