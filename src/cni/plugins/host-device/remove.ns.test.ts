/** DEL on a kernel: from every half-made state the device is on the host again, as it was. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { deleteNetns } from "../../../kernel/os/netns.ts";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
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
  view,
} from "./testing/conf.ts";
import { physicalKernel } from "./testing/physical.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

describe("DEL brings the device back as it was, twice, and releases the address", () => {
  const states: Record<string, { half?: (s: Stage, pod: TestNetns) => void; netns?: string }> = {
    "after a plain ADD": {},
    "with the namespace's name forgotten by the caller": { netns: "" },
    "renamed by the pod": { half: (_, pod) => void pod.sh("ip link set eth0 down; ip link set eth0 name web0") },
    "with its alias written over by the pod": { half: (_, pod) => void pod.sh("ip link set eth0 alias mine") },
    "renamed, and its alias written over": {
      half: (_, pod) => void pod.sh("ip link set eth0 down; ip link set eth0 name web0; ip link set web0 alias ''"),
    },
    "with its mark put on another link": {
      half: (_, pod) =>
        void pod.sh(`ip link set eth0 alias ''; ip link add fake type bridge
          ip link set fake alias podwire\\ device\\ net1/pod1/eth0/ens3`),
    },
    "with MTU, MAC, group, modes and queue changed by the pod": {
      half: (_, pod) =>
        void pod.sh(
          "ip link set eth0 mtu 1280 promisc on allmulticast on txqueuelen 7 group 9; ip link set eth0 address 02:00:00:00:00:77",
        ),
    },
    "already on the host under the pod's name": { half: kernelBrings },
    "already on the host, renamed and up": {
      half: (s, pod) => {
        kernelBrings(s, pod);
        s.host.sh("ip link set eth0 name rename2; ip link set rename2 up");
      },
    },
    "already on the host and back in order, by hand": {
      half: (s, pod) => {
        kernelBrings(s, pod);
        s.host.sh("ip link set eth0 name ens3");
      },
    },
    "with its name taken in the pod": { half: (_, pod) => void pod.sh("ip link add ens3 type bridge") },
  };
  for (const [name, { half, netns }] of Object.entries(states))
    test(name, () =>
      withStage(async (s) => {
        makeDevice(s.host);
        const was = view(s.host);
        const pod = s.pod();
        const conf = deviceConf(s, {}, dual);
        expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 0 });
        half?.(s, pod);
        const call = netns === undefined ? { pod } : { netns };
        for (const _ of [1, 2]) expect(await s.call("DEL", conf, call)).toEqual({ exit: 0, json: {}, stderr: "" });
        expect(view(s.host)).toEqual(was);
        expect(left(s)).toEqual(nothing);
      }),
    );
});

test("a virtual device that died with its namespace is forgotten, and its address released", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const pod = s.pod();
    const conf = deviceConf(s);
    await s.call("ADD", conf, { pod });
    pod.ip("link del eth0");
    s.kernel.forget(pod.path);
    deleteNetns(pod.path);
    for (const _ of [1, 2]) expect(await s.call("DEL", conf, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(left(s)).toEqual(nothing);
  }));

test("when its name is taken on the host it comes back under one like it, with all that it had, and says so", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    type Row = { ifname: string; ifalias?: string; flags: string[]; addr_info: { local: string }[] };
    const own = (name: string) => {
      const [row] = s.host.ipJson<Row>(`address show ${name}`);
      return { ...row, ifname: "", ifindex: 0, addr_info: row?.addr_info.map((a) => a.local).sort() };
    };
    const was = own("ens3");
    const pod = s.pod();
    const conf = deviceConf(s);
    await s.call("ADD", conf, { pod });
    s.host.ip("link add ens3 type bridge");
    s.host.ip("link add ens3.1 type bridge");
    const { exit, stderr } = await s.call("DEL", conf, { pod });
    expect({ exit, stderr }).toEqual({
      exit: 0,
      stderr: expect.stringContaining("ens3 comes back as ens3.2") as unknown as string,
    });
    expect(own("ens3.2")).toEqual(was);
    expect(s.host.ipJson("-4 route show 10.57.0.0/16")).toMatchObject([{ dev: "ens3.2" }]);
    expect(await s.call("DEL", conf, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(left(s)).toEqual(nothing);
  }));

test("what the host takes no more is told, and does not keep the pod from going", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    s.host.sh(
      "ip link add br0 type bridge; ip -6 route flush dev ens3; ip address flush dev ens3; ip link set ens3 master br0",
    );
    const pod = s.pod();
    const conf = deviceConf(s);
    await s.call("ADD", conf, { pod });
    s.host.ip("link del br0");
    const { exit, stderr } = await s.call("DEL", conf, { pod });
    expect(exit).toBe(0);
    expect(stderr).toContain("ens3 is back, but not all of it: link br0: there is no such device");
    expect(linkNames(s.host)).toContain("ens3");
    expect(left(s)).toEqual(nothing);
  }));

test("an address that was lent comes back for what is left of its time, or not at all", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    s.host.sh("ip address add 10.3.0.1/24 dev ens3 valid_lft 100000 preferred_lft 50000");
    const pod = s.pod();
    const conf = deviceConf(s, {}, []);
    await s.call("ADD", conf, { pod });
    await s.call("DEL", conf, { pod });
    type Row = { addr_info: { local: string; valid_life_time: number }[] };
    const lent = s.host.ipJson<Row>("address show dev ens3")[0]?.addr_info.find((a) => a.local === "10.3.0.1");
    expect(lent?.valid_life_time).toBeWithin(90_000, 100_001);
  }));

test("a physical device that nothing is remembered of gets its name back by its mark", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const pod = s.pod();
    const conf = deviceConf(s);
    const kernel = physicalKernel(s.kernel);
    await s.call("ADD", conf, { pod }, kernel);
    rmSync(memoryDir(s), { recursive: true });
    expect(await s.call("DEL", conf, { pod }, kernel)).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(s.host.ipJson("link show ens3")).toMatchObject([{ mtu: 1400, address: "02:00:00:00:00:05" }]);
    expect(s.host.ipJson<{ ifalias?: string }>("link show ens3")[0]?.ifalias).toBeUndefined();
  }));

test("what is remembered, but cannot be read, is as good as nothing", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const pod = s.pod();
    const conf = deviceConf(s);
    const kernel = physicalKernel(s.kernel);
    await s.call("ADD", conf, { pod }, kernel);
    writeFileSync(`${memoryDir(s)}/net1/pod1:eth0`, '{"format":1,"own');
    expect(await s.call("DEL", conf, { pod }, kernel)).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(linkNames(s.host)).toContain("ens3");
  }));

test("DEL needs neither the device's name nor a runtime's word, and no folder is made for it", () =>
  withStage(async (s) => {
    const conf = { cniVersion: "1.1.0", name: "net1", type: "host-device", dataDir: memoryDir(s) };
    expect(await s.call("DEL", conf, { pod: s.pod() })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(() => rmSync(memoryDir(s), { recursive: true })).toThrow();
  }));

test("DEL of an attachment whose interface name something else holds leaves that alone", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const pod = s.pod();
    pod.sh("ip link add eth0 type bridge; ip link set eth0 alias uplink");
    const was = [view(s.host), snapshot(pod)];
    expect(await s.call("ADD", deviceConf(s), { pod })).toMatchObject({ exit: 1 });
    expect(await s.call("DEL", deviceConf(s), { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect([view(s.host), snapshot(pod)]).toEqual(was);
  }));

test("an ADD killed at any operation is cleaned up by DEL", () =>
  withStage(async (s) => {
    makeDevice(s.host);
    const was = view(s.host);
    const conf = deviceConf(s, {}, dual);
    for (let n = 1; ; n++) {
      using pod = makeNetns();
      const { exit } = await s.call("ADD", conf, { pod }, countingKernel(s.kernel, n, "killed").kernel);
      for (const _ of [1, 2]) expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
      s.kernel.forget(pod.path);
      expect({ n, seen: view(s.host), ...left(s) }).toEqual({ n, seen: was, ...nothing });
      if (exit === 0) break;
    }
  }));

for (const how of ["fails", "killed"] as const)
  test(`a DEL that ${how === "fails" ? "fails" : "is killed"} at any operation is made good by the next`, () =>
    withStage(async (s) => {
      makeDevice(s.host);
      const was = view(s.host);
      const conf = deviceConf(s, {}, dual);
      for (let n = 1; ; n++) {
        using pod = makeNetns();
        await s.call("ADD", conf, { pod });
        const { kernel, done } = countingKernel(s.kernel, n, how);
        const { exit } = await s.call("DEL", conf, { pod }, kernel);
        if (exit === 0) expect(done.length).toBe(n - 1);
        // The address is not free while the device may still have it.
        else expect(Object.keys(s.store()).length).toBe(2);
        expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
        s.kernel.forget(pod.path);
        expect({ n, seen: view(s.host), ...left(s) }).toEqual({ n, seen: was, ...nothing });
        if (exit === 0) break;
      }
    }));
