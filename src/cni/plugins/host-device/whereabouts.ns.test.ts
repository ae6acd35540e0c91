/** DEL brings no link to the host that a pod has made, whatever that looks like; its own device it finds all the same. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { deviceConf, left, linkNames, makeDevice, memoryDir, nothing, view } from "./testing/conf.ts";
import { physicalKernel } from "./testing/physical.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const mark = "'podwire device net1/pod1/eth0/ens3'";
const done = { exit: 0, json: {}, stderr: "" };

/** Of a pod that may do what it likes in its namespace (NET_ADMIN). `physical`: nobody can make the device's like. */
const attacks: Record<string, { act: (pod: TestNetns) => unknown; physical?: boolean }> = {
  "its mark copied to a link of its kind, its own written over": {
    act: (pod) =>
      pod.sh(`ip link set eth0 alias ''; ip link add fake type veth peer name fake2; ip link set fake alias ${mark}`),
  },
  "name, MAC and mark given to another of its kind, itself renamed": {
    act: (pod) =>
      pod.sh(`ip link set eth0 down; ip link set eth0 alias mine; ip link set eth0 name web0
        ip link add eth0 address 02:00:00:00:00:05 type veth peer name fake2; ip link set eth0 alias ${mark}`),
  },
  "its mark on loopback": { act: (pod) => pod.sh(`ip link set eth0 alias ''; ip link set lo alias ${mark}`) },
  "a physical one, its mark copied to a virtual link": {
    act: (pod) =>
      pod.sh(`ip link set eth0 alias ''; ip link set eth0 down; ip link set eth0 name web0
        ip link add eth0 type bridge; ip link set eth0 alias ${mark}`),
    physical: true,
  },
};

describe("the pod's device comes back, and none of its making, with", () => {
  for (const [name, { act, physical }] of Object.entries(attacks))
    test(name, () =>
      withStage(async (s) => {
        makeDevice(s.host);
        const was = view(s.host);
        const pod = s.pod();
        const kernel = physical ? physicalKernel(s.kernel) : s.kernel;
        expect(await s.call("ADD", deviceConf(s), { pod }, kernel)).toMatchObject({ exit: 0 });
        act(pod);
        for (const _ of [1, 2]) expect(await s.call("DEL", deviceConf(s), { pod }, kernel)).toEqual(done);
        expect(view(s.host)).toEqual(was);
        expect(left(s)).toEqual(nothing);
      }),
    );
});

describe("nothing comes to the host", () => {
  const play = (act: (s: Stage, pod: TestNetns, index: number) => unknown) =>
    withStage(async (s) => {
      makeDevice(s.host);
      const pod = s.pod();
      await s.call("ADD", deviceConf(s), { pod });
      await act(s, pod, pod.ipJson<{ ifindex: number }>("link show eth0")[0]!.ifindex);
      const was = view(s.host);
      for (const _ of [1, 2]) expect(await s.call("DEL", deviceConf(s), { pod })).toEqual(done);
      expect(view(s.host)).toEqual(was);
      expect(left(s)).toEqual(nothing);
    });
  test("when the pod deletes its device and makes one with its index, name, MAC and mark", () =>
    play((_, pod, index) =>
      pod.sh(`ip link del eth0
        ip link add eth0 index ${index} address 02:00:00:00:00:05 type veth peer name fake2
        ip link set eth0 alias ${mark}`),
    ));
  test("when a marked link came into the pod from another namespace, its own having gone", () =>
    play((s, pod) => {
      using other = makeNetns();
      pod.ip("link del eth0");
      other.sh(`ip link add eth0 type veth peer name fake2; ip link set eth0 alias ${mark}`);
      other.sh(`ip link set eth0 netns ${pod.path}`);
      s.kernel.forget(pod.path);
    }));
  test("when DEL is called again after the device went to another pod, and the first has made one like it", () =>
    withStage(async (s) => {
      makeDevice(s.host);
      const [one, two] = [s.pod(), s.pod()];
      await s.call("ADD", deviceConf(s), { pod: one });
      expect(await s.call("DEL", deviceConf(s), { pod: one })).toEqual(done);
      expect(await s.call("ADD", deviceConf(s), { pod: two, containerId: "pod2" })).toMatchObject({ exit: 0 });
      for (const alias of [mark, "ens3"]) {
        one.sh(`ip link add eth0 type veth peer name fake2; ip link set eth0 alias ${alias}`);
        expect(await s.call("DEL", deviceConf(s), { pod: one })).toEqual(done);
        expect(linkNames(s.host)).not.toContain("ens3");
        one.ip("link del eth0");
      }
      expect(await s.call("DEL", deviceConf(s), { pod: two, containerId: "pod2" })).toEqual(done);
      expect(linkNames(s.host)).toContain("ens3");
    }));
  test("when nothing is remembered of a link that a pod could have made", () =>
    withStage(async (s) => {
      makeDevice(s.host);
      const pod = s.pod();
      await s.call("ADD", deviceConf(s), { pod });
      rmSync(memoryDir(s), { recursive: true });
      expect(await s.call("DEL", deviceConf(s), { pod })).toEqual(done);
      expect(linkNames(s.host)).not.toContain("ens3");
      expect(linkNames(pod)).toContain("eth0");
    }));
});

test("a device whose index is taken in the pod gets another, and is found by that", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const was = view(s.host);
    const [{ ifindex } = { ifindex: 0 }] = s.host.ipJson<{ ifindex: number }>("link show ens3");
    const pod = s.pod();
    pod.ip(`link add other index ${ifindex} type bridge`);
    expect(await s.call("ADD", deviceConf(s), { pod })).toMatchObject({ exit: 0 });
    pod.sh("ip link set eth0 down; ip link set eth0 alias mine; ip link set eth0 name web0");
    for (const _ of [1, 2]) expect(await s.call("DEL", deviceConf(s), { pod })).toEqual(done);
    expect(view(s.host)).toEqual({ ...was, links: view(s.host).links });
    expect(linkNames(s.host)).toContain("ens3");
    expect(linkNames(pod)).toEqual(["lo", "other"]);
  }));

test("an ADD of a physical device, killed at any operation, is cleaned up by DEL, whatever the pod did to the mark", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const kernel = physicalKernel(s.kernel);
    const was = view(s.host);
    for (let n = 1; ; n++) {
      using pod = makeNetns();
      const { exit } = await s.call("ADD", deviceConf(s), { pod }, countingKernel(kernel, n, "killed").kernel);
      if (linkNames(pod).includes("eth0")) pod.ip("link set eth0 alias mine");
      for (const _ of [1, 2]) expect(await s.call("DEL", deviceConf(s), { pod }, kernel)).toMatchObject({ exit: 0 });
      s.kernel.forget(pod.path);
      expect({ n, seen: view(s.host), ...left(s) }).toEqual({ n, seen: was, ...nothing });
      if (exit === 0) break;
    }
  }));
