/** DEL, GC and STATUS on a kernel: from every half-made state to nothing, and never more than is ours. */
import { describe, expect, setDefaultTimeout } from "bun:test";
import { rmSync } from "node:fs";
import { deleteNetns } from "../../../kernel/os/netns.ts";
import { tapProbe } from "../../../kernel/probe/tap.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { skipUnless } from "../../../kernel/testing/skip.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { tapConf } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);
const test = skipUnless(tapProbe);

const links = (pod: TestNetns): string[] => pod.ipJson<{ ifname: string }>("link").map((l) => l.ifname);

describe("DEL succeeds, twice, and leaves no device and no address behind", () => {
  const states: Record<string, { half?: (s: Stage, pod: TestNetns) => void; bare?: boolean }> = {
    "after a plain ADD": {},
    "of layer 2": { bare: true },
    "with the interface renamed by the pod": {
      half: (_, pod) => void pod.sh("ip link set eth0 down; ip link set eth0 name web0"),
    },
    "with the interface deleted": { half: (_, pod) => void pod.sh("ip link del eth0") },
    "with the alias gone": { half: (_, pod) => void pod.sh("ip link set eth0 alias ''") },
    "with the bridge gone": { half: (_, pod) => void pod.sh("ip link del br0") },
    "with the store gone": { half: (s) => rmSync(`${s.dataDir}/net1`, { recursive: true }) },
  };
  for (const [name, { half, bare }] of Object.entries(states))
    test(name, () =>
      withStage(async (s) => {
        const pod = s.pod();
        pod.sh("ip link add br0 type bridge");
        const conf = tapConf(s, { bridge: "br0" }, bare ? [] : undefined);
        expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 0 });
        half?.(s, pod);
        for (const _ of [1, 2]) expect(await s.call("DEL", conf, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
        const rest = links(pod).filter((l) => l !== "br0");
        expect({ rest, store: s.store() }).toEqual({ rest: ["lo"], store: {} });
      }),
    );

  for (const forgotten of [true, false])
    test(`with a namespace that is ${forgotten ? "not named" : "no more"}, where only the address is left`, () =>
      withStage(async (s) => {
        const pod = s.pod();
        await s.call("ADD", tapConf(s), { pod });
        s.kernel.forget(pod.path);
        if (!forgotten) deleteNetns(pod.path);
        const call = forgotten ? { netns: "" } : { pod };
        for (const _ of [1, 2]) expect(await s.call("DEL", tapConf(s), call)).toMatchObject({ exit: 0, stderr: "" });
        expect(s.store()).toEqual({});
      }));
});

test("DEL of an attachment whose interface name another one holds leaves that one alone", () =>
  withStage(async (s) => {
    const pod = s.pod();
    await s.call("ADD", tapConf(s), { pod });
    const other = tapConf(s, { name: "net2" }, ["10.5.0.0/24"]);
    const was = [snapshot(pod), s.store()];
    expect(await s.call("ADD", other, { pod })).toMatchObject({ exit: 1, json: { code: 102 } });
    expect(await s.call("DEL", other, { pod })).toMatchObject({ exit: 0 });
    expect([snapshot(pod), s.store()]).toEqual(was);
  }));

test("DEL leaves an interface of that name alone that is no tap device", () =>
  withStage(async (s) => {
    const pod = s.pod();
    pod.sh("ip link add eth0 type veth peer name other");
    expect(await s.call("DEL", tapConf(s), { pod })).toMatchObject({ exit: 0 });
    expect(links(pod)).toContain("eth0");
  }));

test("DEL takes away a device that the reference made", () =>
  withStage(async (s) => {
    const pod = s.pod();
    pod.sh("ip tuntap add dev eth0 mode tap");
    expect(await s.call("DEL", tapConf(s), { pod })).toMatchObject({ exit: 0 });
    expect(links(pod)).toEqual(["lo"]);
  }));

test("a DEL whose n-th operation fails is made good by the next", () =>
  withStage(async (s) => {
    const conf = tapConf(s);
    for (let n = 1; ; n++) {
      const pod = s.pod();
      await s.call("ADD", conf, { pod });
      const { exit } = await s.call("DEL", conf, { pod }, countingKernel(s.kernel, n).kernel);
      if (exit === 0) break;
      // The addresses are not free while the device may still have them.
      expect(Object.keys(s.store()).length).toBe(2);
      expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
      expect({ links: links(pod), store: s.store() }).toEqual({ links: ["lo"], store: {} });
    }
  }));

test("what an ADD left that was killed at any operation is gone after DEL", () =>
  withStage(async (s) => {
    const conf = tapConf(s);
    for (let n = 1; ; n++) {
      const pod = s.pod();
      const { exit } = await s.call("ADD", conf, { pod }, countingKernel(s.kernel, n, "killed").kernel);
      expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
      expect({ n, links: links(pod), store: s.store() }).toEqual({ n, links: ["lo"], store: {} });
      if (exit === 0) break;
    }
  }));

describe("GC", () => {
  const valid = (...ids: string[]) => ({
    "cni.dev/valid-attachments": ids.map((containerID) => ({ containerID, ifname: "eth0" })),
  });
  test("frees the addresses of those not listed, and no others; without a list, none", () =>
    withStage(async (s) => {
      const conf = tapConf(s, {}, ["10.1.2.0/24"]);
      for (const containerId of ["a", "b", "c"]) await s.call("ADD", conf, { pod: s.pod(), containerId });
      await s.call("ADD", tapConf(s, { name: "net2" }, ["10.5.0.0/24"]), { pod: s.pod(), containerId: "a" });
      expect(await s.call("GC", conf)).toMatchObject({ exit: 1, json: { code: 7 } });
      expect(Object.values(s.store()).length).toBe(4);
      expect(await s.call("GC", { ...conf, ...valid("b") })).toMatchObject({ exit: 0 });
      expect(Object.values(s.store()).sort()).toEqual(["a\r\neth0", "b\r\neth0"]);
    }));
  test("of layer 2 has nothing to do", () =>
    withStage(async (s) => {
      expect(await s.call("GC", { ...tapConf(s, {}, []), ...valid() })).toEqual({ exit: 0, json: {}, stderr: "" });
    }));
});

describe("STATUS", () => {
  test("is fine on a host that has nothing yet, and makes nothing", () =>
    withStage(async (s) => {
      const was = snapshot(s.host);
      for (const conf of [tapConf(s), tapConf(s, {}, [])])
        expect(await s.call("STATUS", conf)).toEqual({ exit: 0, json: {}, stderr: "" });
      expect(snapshot(s.host)).toEqual(was);
    }));
  test("is 50 when the IPAM plugin has no address left", () =>
    withStage(async (s) => {
      const conf = tapConf(s, {}, ["10.1.2.0/30"]);
      await s.call("ADD", conf, { pod: s.pod() });
      expect(await s.call("STATUS", conf)).toMatchObject({ exit: 1, json: { code: 50 } });
    }));
});
