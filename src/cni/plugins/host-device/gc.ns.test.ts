/** GC on a kernel: exactly the devices of attachments that are not valid come back, and nothing foreign is touched. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import {
  deviceConf,
  dual,
  kernelBrings,
  left,
  linkNames,
  makeDevice,
  memoryDir,
  nothing,
  remembered,
  view,
} from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

describe("GC", () => {
  const valid = (...ids: string[]) => ({
    "cni.dev/valid-attachments": ids.map((containerID) => ({ containerID, ifname: "eth0" })),
  });
  /** A device for each of three pods. */
  const three = async (s: Stage) => {
    const pods: Record<string, TestNetns> = {};
    const conf = deviceConf(s);
    for (const [i, containerId] of ["a", "b", "c"].entries()) {
      makeDevice(s.host, `ens${i + 1}`, i + 1);
      pods[containerId] = s.pod();
      await s.call("ADD", { ...conf, device: `ens${i + 1}` }, { pod: pods[containerId], containerId });
    }
    return { conf, pods };
  };
  const devices = (s: Stage): string[] => linkNames(s.host).filter((name) => name.startsWith("ens"));

  test("brings back the devices of those not listed, and no others", () =>
    withStage(async (s) => {
      const { conf, pods } = await three(s);
      makeDevice(s.host, "ens4", 4);
      const other = s.pod();
      await s.call("ADD", deviceConf(s, { name: "net2", device: "ens4" }, []), { pod: other, containerId: "a" });
      expect(await s.call("GC", { ...conf, ...valid("b") })).toMatchObject({ exit: 0 });
      expect(devices(s)).toEqual(["ens1", "ens3"]);
      expect([linkNames(pods.a!), linkNames(pods.b!), linkNames(pods.c!), linkNames(other)]).toEqual([
        ["lo"],
        ["lo", "eth0"],
        ["lo"],
        ["lo", "eth0"],
      ]);
      expect(Object.values(s.store())).toEqual(["b\r\neth0"]);
      expect(remembered(s)).toEqual(["net1/b:eth0", "net2/a:eth0"]);
      expect(s.host.ipJson("-4 route show dev ens1").map((x) => x.dst)).toEqual(["10.1.0.0/24", "10.17.0.0/16"]);
    }));
  test("with an empty list brings back all of the network, devices of namespaces that are gone among them", () =>
    withStage(async (s) => {
      const { conf, pods } = await three(s);
      kernelBrings(s, pods.b!);
      expect(await s.call("GC", { ...conf, ...valid() })).toMatchObject({ exit: 0 });
      expect(devices(s).sort()).toEqual(["ens1", "ens2", "ens3"]);
      expect(left(s)).toEqual(nothing);
    }));
  test("goes by the mark where nothing is remembered", () =>
    withStage(async (s) => {
      const { conf, pods } = await three(s);
      kernelBrings(s, pods.b!);
      rmSync(memoryDir(s), { recursive: true });
      expect(await s.call("GC", { ...conf, ...valid("a", "c") })).toMatchObject({ exit: 0 });
      expect(devices(s)).toEqual(["ens2"]);
    }));
  test("leaves the device of a valid attachment, wherever it is", () =>
    withStage(async (s) => {
      const { conf, pods } = await three(s);
      kernelBrings(s, pods.b!);
      expect(await s.call("GC", { ...conf, ...valid("a", "b", "c") })).toMatchObject({ exit: 0 });
      expect(linkNames(s.host)).toContain("eth0");
      expect(remembered(s).length).toBe(3);
    }));
  test("brings back what ADDs left that were killed at each operation", () =>
    withStage(async (s) => {
      makeDevice(s.host);
      const was = view(s.host);
      const conf = deviceConf(s, {}, dual);
      for (let n = 1; ; n++) {
        using pod = makeNetns();
        const { exit } = await s.call("ADD", conf, { pod }, countingKernel(s.kernel, n, "killed").kernel);
        expect(await s.call("GC", { ...conf, ...valid() })).toMatchObject({ exit: 0 });
        s.kernel.forget(pod.path);
        expect({ n, seen: view(s.host), ...left(s) }).toEqual({ n, seen: was, ...nothing });
        if (exit === 0) break;
      }
    }));
  test("without a list does nothing", () =>
    withStage(async (s) => {
      const { conf } = await three(s);
      expect(await s.call("GC", conf)).toMatchObject({ exit: 1, json: { code: 7 } });
      expect(devices(s)).toEqual([]);
      expect(remembered(s).length).toBe(3);
    }));
  test("passes over files that are not its own", () =>
    withStage(async (s) => {
      mkdirSync(`${memoryDir(s)}/net1`, { recursive: true });
      writeFileSync(`${memoryDir(s)}/net1/notes`, "hands off");
      expect(await s.call("GC", { ...deviceConf(s), ...valid() })).toMatchObject({ exit: 0 });
      expect(remembered(s)).toEqual(["net1/notes"]);
    }));
});
