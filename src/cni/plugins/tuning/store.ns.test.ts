/** The file with former values when the disk fails, or the process dies, at each of its calls. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../base/clock.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import type { Kernel } from "../../../net/kernel.ts";
import type { Delegate, Plugin, Ports } from "../../plugin.ts";
import { decodeResult } from "../../spec/result.ts";
import type { Request } from "../../spec/types.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { defaultAllowlist, type TuningConfig } from "./config.ts";
import { tuningOn } from "./index.ts";
import { type Counted, failingFiles } from "./testing/failing-files.ts";
import { attributes, filesOf, podWithLink, tuningConf, untouched } from "./testing/pod.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

/** The reserved ports read back as something else, for which the file is written a second time. */
const more: JsonObject = { mtu: 1400, promisc: true, sysctl: { "net.ipv4.ip_local_reserved_ports": "80,81" } };

/** A process that is gone changes nothing any more: what it has opened it only reads from. */
const kernelOf = (s: Stage, at: Counted): Kernel => ({
  ...s.kernel,
  get host() {
    return s.kernel.host;
  },
  open: (path) => {
    if (at.isDead()) throw new Error("dead");
    return s.kernel.open(path);
  },
});

const caller = (s: Stage, pod: TestNetns, at: Counted) => {
  const { files } = at;
  const plugin: Plugin<TuningConfig> = tuningOn({ files, allowlist: `${s.dataDir}/none` });
  const raw = tuningConf(s, pod, more);
  const ports: Ports = { kernel: kernelOf(s, at), clock: systemClock, delegate: {} as Delegate, log: () => {} };
  const request = (verb: "ADD" | "DEL" | "CHECK"): Request<TuningConfig> => ({
    verb,
    cniVersion: "1.0.0",
    network: "net1",
    containerId: "pod1",
    netns: pod.path,
    ifname: "eth0",
    args: "",
    path: [],
    raw,
    config: plugin.parse(raw, { cniVersion: "1.0.0", network: "net1", args: "", verb }),
    prevResult: decodeResult(raw.prevResult ?? {}, "1.0.0"),
  });
  return {
    add: () => plugin.add(request("ADD"), ports),
    del: () => plugin.del(request("DEL"), ports),
    check: () => plugin.check(request("CHECK"), ports),
  };
};

const fails = async (act: () => Promise<unknown>): Promise<boolean> =>
  act().then(
    () => false,
    () => true,
  );

const look = (s: Stage, pod: TestNetns): unknown => [
  attributes(pod),
  pod.sh("cat /proc/sys/net/ipv4/ip_local_reserved_ports").trim(),
  filesOf(s),
];
const clean = [untouched, "", {}];

/** Calls `act` with the n-th file call failing, for every n that there is; gives how many there were. */
const atEachCall = async (
  s: Stage,
  how: "ENOSPC" | "killed",
  act: (pod: TestNetns, at: Counted) => Promise<void>,
): Promise<number> => {
  for (let n = 1; ; n++) {
    const pod = podWithLink(s);
    const at = failingFiles(n, how);
    await act(pod, at);
    expect({ n, call: at.calls[n - 1], seen: look(s, pod) }).toMatchObject({ seen: clean });
    if (at.calls.length < n) return n - 1;
  }
};

test("a disk that is full at any call of ADD: everything is as it was, or the ADD stands", () =>
  withStage(async (s) => {
    const calls = await atEachCall(s, "ENOSPC", async (pod, at) => {
      const failed = await fails(caller(s, pod, at).add);
      if (failed) expect(look(s, pod)).toEqual(clean);
      const good = caller(s, pod, failingFiles());
      if (!failed) await good.check();
      await good.del();
    });
    // The list, the file that is not there yet, and two writes of folder, open, write, flush, close, rename.
    expect(calls).toBe(14);
  }));

test("ADD that is killed at any call leaves the file whole, or none: DEL puts everything back", () =>
  withStage(async (s) => {
    const calls = await atEachCall(s, "killed", async (pod, at) => {
      await fails(caller(s, pod, at).add);
      await caller(s, pod, failingFiles()).del();
    });
    expect(calls).toBe(14);
  }));

test("DEL that is killed at any call is made good by the next", () =>
  withStage(async (s) => {
    const calls = await atEachCall(s, "killed", async (pod, at) => {
      const good = caller(s, pod, failingFiles());
      await good.add();
      await fails(caller(s, pod, at).del);
      await good.del();
    });
    expect(calls).toBe(3);
  }));

test("the list of allowed sysctls is asked for where the reference has it, for ADD with sysctls alone", () =>
  withStage(async (s) => {
    expect(defaultAllowlist).toBe("/etc/cni/tuning/allowlist.conf");
    const counted = failingFiles();
    await caller(s, podWithLink(s), counted).add();
    expect(counted.calls[0]).toBe("findStat");
  }));
