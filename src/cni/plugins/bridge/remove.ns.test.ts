/** DEL, GC and STATUS on a kernel: from every half-made state to nothing, and never more than is ours. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { deleteNetns } from "../../../kernel/os/netns.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { bridgeConf, dual } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const veths = (s: Stage): string[] =>
  s.host
    .ipJson<{ ifname: string }>("link")
    .map((l) => l.ifname)
    .filter((n) => n.startsWith("veth"));

describe("DEL succeeds, twice, and leaves no link and no address behind", () => {
  const states: Record<string, { half?: (s: Stage, podPath: string) => void; netns?: string }> = {
    "after a plain ADD": {},
    "with the namespace's name forgotten by the caller": { netns: "" },
    "with a namespace that is no more": {
      half: (s, pod) => {
        s.kernel.forget(pod);
        deleteNetns(pod);
      },
    },
    "with the interface renamed by the pod": {
      half: (_, pod) => {
        Bun.spawnSync(["nsenter", `--net=${pod}`, "sh", "-c", "ip link set eth0 down; ip link set eth0 name web0"]);
      },
    },
    "with the interface deleted": {
      half: (_, pod) => {
        Bun.spawnSync(["nsenter", `--net=${pod}`, "ip", "link", "del", "eth0"]);
      },
    },
    "with the port taken off the bridge": { half: (s) => s.host.ip(`link set ${veths(s)[0]} nomaster`) },
    "with the bridge gone": { half: (s) => s.host.ip("link del br0") },
    "with the alias gone": { half: (s) => s.host.sh(`ip link set ${veths(s)[0]} alias ''`) },
    "with the store gone": { half: (s) => rmSync(`${s.dataDir}/net1`, { recursive: true }) },
  };
  for (const [name, { half, netns }] of Object.entries(states))
    test(name, () =>
      withStage(async (s) => {
        const pod = s.pod();
        const conf = bridgeConf(s, { isDefaultGateway: true }, dual);
        expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 0 });
        half?.(s, pod.path);
        const call = netns === undefined ? { pod } : { netns };
        for (const _ of [1, 2]) expect(await s.call("DEL", conf, call)).toEqual({ exit: 0, json: {}, stderr: "" });
        expect({ veths: veths(s), store: s.store() }).toEqual({ veths: [], store: {} });
      }),
    );
});

test("DEL of an attachment whose interface name another one holds leaves that one alone", () =>
  withStage(async (s) => {
    const pod = s.pod();
    await s.call("ADD", bridgeConf(s), { pod });
    const other = bridgeConf(s, { name: "net2", bridge: "br1" }, ["10.5.0.0/24"]);
    const was = [snapshot(s.host), snapshot(pod), s.store()];
    expect(await s.call("ADD", other, { pod })).toMatchObject({ exit: 1, json: { code: 102 } });
    expect(await s.call("DEL", other, { pod })).toMatchObject({ exit: 0 });
    expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
  }));

test("DEL takes away the links and the bridge's ports of a pod that the reference made", () =>
  withStage(async (s) => {
    const pod = s.pod();
    s.host.sh(
      `ip link add br0 type bridge; ip link add veth01234567 master br0 type veth peer name eth0 netns ${pod.name}`,
    );
    expect(await s.call("DEL", bridgeConf(s), { pod })).toMatchObject({ exit: 0 });
    expect(veths(s)).toEqual([]);
  }));

test("a DEL whose n-th operation fails is made good by the next", () =>
  withStage(async (s) => {
    const conf = bridgeConf(s, { isDefaultGateway: true });
    for (let n = 1; ; n++) {
      const pod = s.pod();
      await s.call("ADD", conf, { pod });
      const { kernel } = countingKernel(s.kernel, n);
      const { exit } = await s.call("DEL", conf, { pod }, kernel);
      if (exit === 0) break;
      // The address is not free while the link may still have it.
      expect(Object.keys(s.store()).length).toBe(1);
      expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
      expect({ veths: veths(s), store: s.store() }).toEqual({ veths: [], store: {} });
    }
  }));

describe("GC", () => {
  const valid = (...ids: string[]) => ({
    "cni.dev/valid-attachments": ids.map((containerID) => ({ containerID, ifname: "eth0" })),
  });
  const three = async (s: Stage) => {
    const conf = bridgeConf(s);
    for (const containerId of ["a", "b", "c"]) await s.call("ADD", conf, { pod: s.pod(), containerId });
    return conf;
  };

  test("removes the links and addresses of those not listed, and no others", () =>
    withStage(async (s) => {
      const conf = await three(s);
      const foreign = bridgeConf(s, { name: "net2" }, ["10.5.0.0/24"]);
      await s.call("ADD", foreign, { pod: s.pod(), containerId: "a" });
      s.host.ip("link add vethffffffff type veth");
      expect(await s.call("GC", { ...conf, ...valid("b") })).toMatchObject({ exit: 0 });
      const aliases = s.host.ipJson<{ ifalias?: string }>("link").map((l) => l.ifalias);
      expect(aliases.filter((a) => a !== undefined).sort()).toEqual(["podwire net1/b/eth0", "podwire net2/a/eth0"]);
      expect(veths(s)).toContain("vethffffffff");
      expect(Object.values(s.store()).sort()).toEqual(["a\r\neth0", "b\r\neth0"]);
    }));
  test("removes what ADDs left that were killed at each operation", () =>
    withStage(async (s) => {
      const conf = bridgeConf(s, { isDefaultGateway: true }, dual);
      const pods: TestNetns[] = [];
      for (let n = 1; ; n++) {
        const pod = s.pod();
        const call = { pod, containerId: `pod${n}` };
        const { exit } = await s.call("ADD", conf, call, countingKernel(s.kernel, n, "killed").kernel);
        pods.push(pod);
        if (exit === 0) break;
      }
      expect(veths(s).length).toBeGreaterThan(2);
      expect(await s.call("GC", { ...conf, ...valid() })).toMatchObject({ exit: 0 });
      expect({ veths: veths(s), store: s.store() }).toEqual({ veths: [], store: {} });
      expect(pods.flatMap((pod) => pod.ipJson<{ ifname: string }>("link").map((l) => l.ifname))).toEqual(
        pods.map(() => "lo"),
      );
    }));
  test("with an empty list removes all of the network", () =>
    withStage(async (s) => {
      expect(await s.call("GC", { ...(await three(s)), ...valid() })).toMatchObject({ exit: 0 });
      expect({ veths: veths(s), store: s.store() }).toEqual({ veths: [], store: {} });
    }));
  test("without a list removes nothing", () =>
    withStage(async (s) => {
      const conf = await three(s);
      expect(await s.call("GC", conf)).toMatchObject({ exit: 1, json: { code: 7 } });
      expect(veths(s).length).toBe(3);
      expect(Object.keys(s.store()).length).toBe(3);
    }));
});

describe("STATUS", () => {
  test("is fine on a host that has nothing yet, and makes nothing", () =>
    withStage(async (s) => {
      const was = snapshot(s.host);
      expect(await s.call("STATUS", bridgeConf(s))).toEqual({ exit: 0, json: {}, stderr: "" });
      expect(snapshot(s.host)).toEqual(was);
    }));
  test("is 50 when the bridge's name is taken by something else", () =>
    withStage(async (s) => {
      s.host.ip("link add br0 type veth");
      const { exit, json } = await s.call("STATUS", bridgeConf(s));
      expect({ exit, code: json.code }).toEqual({ exit: 1, code: 50 });
      expect(String(json.msg)).toContain("is a veth, not a bridge");
    }));
  test("is 50 when the IPAM plugin has no address left", () =>
    withStage(async (s) => {
      const conf = bridgeConf(s, {}, ["10.1.2.0/30"]);
      await s.call("ADD", conf, { pod: s.pod() });
      expect(await s.call("STATUS", conf)).toMatchObject({ exit: 1, json: { code: 50 } });
    }));
});

test("an ADD that the IPAM plugin refuses leaves everything as it was", () =>
  withStage(async (s) => {
    const conf = bridgeConf(s, { isGateway: true }, ["10.1.2.0/30"]);
    await s.call("ADD", conf, { pod: s.pod(), containerId: "first" });
    const pod = s.pod();
    const was = [snapshot(s.host), snapshot(pod), s.store()];
    expect(await s.call("ADD", conf, { pod, containerId: "second" })).toMatchObject({ exit: 1, json: { code: 100 } });
    expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
  }));
