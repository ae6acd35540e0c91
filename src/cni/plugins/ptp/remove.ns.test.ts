/** DEL, GC and STATUS on a kernel: from every half-made state to nothing, and never more than is ours. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { deleteNetns } from "../../../kernel/os/netns.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { defaults, dual, ptpConf } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const veths = (s: Stage): string[] =>
  s.host
    .ipJson<{ ifname: string }>("link")
    .map((l) => l.ifname)
    .filter((n) => n.startsWith("veth"));
const nothing = { veths: [], store: {}, routes: [] };
const left = (s: Stage) => ({ veths: veths(s), store: s.store(), routes: s.host.ipJson("-4 route") });

describe("DEL succeeds, twice, and leaves no link, route or address behind", () => {
  const states: Record<string, { half?: (s: Stage, pod: TestNetns) => void; netns?: string }> = {
    "after a plain ADD": {},
    "with the namespace's name forgotten by the caller": { netns: "" },
    "with a namespace that is no more": {
      half: (s, pod) => {
        s.kernel.forget(pod.path);
        deleteNetns(pod.path);
      },
    },
    "with the interface renamed by the pod": {
      half: (_, pod) => void pod.sh("ip link set eth0 down; ip link set eth0 name web0"),
    },
    "with the interface deleted": { half: (_, pod) => void pod.sh("ip link del eth0") },
    "with the pod's routes gone": { half: (_, pod) => void pod.sh("ip route flush table main") },
    "with the host's routes gone": { half: (s) => void s.host.sh("ip route flush table main") },
    "with the alias gone": { half: (s) => void s.host.sh(`ip link set ${veths(s)[0]} alias ''`) },
    "with the store gone": { half: (s) => rmSync(`${s.dataDir}/net1`, { recursive: true }) },
  };
  for (const [name, { half, netns }] of Object.entries(states))
    test(name, () =>
      withStage(async (s) => {
        const pod = s.pod();
        const conf = ptpConf(s, {}, dual, defaults);
        expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 0 });
        half?.(s, pod);
        const call = netns === undefined ? { pod } : { netns };
        for (const _ of [1, 2]) expect(await s.call("DEL", conf, call)).toEqual({ exit: 0, json: {}, stderr: "" });
        expect(left(s)).toEqual(nothing);
      }),
    );
});

test("DEL of an attachment whose interface name another one holds leaves that one alone", () =>
  withStage(async (s) => {
    const pod = s.pod();
    await s.call("ADD", ptpConf(s), { pod });
    const other = ptpConf(s, { name: "net2" }, ["10.5.0.0/24"]);
    const was = [snapshot(s.host), snapshot(pod), s.store()];
    expect(await s.call("ADD", other, { pod })).toMatchObject({ exit: 1, json: { code: 102 } });
    expect(await s.call("DEL", other, { pod })).toMatchObject({ exit: 0 });
    expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
  }));

test("DEL takes away the links of a pod that the reference made", () =>
  withStage(async (s) => {
    const pod = s.pod();
    s.host.sh(`ip link add veth01234567 type veth peer name eth0 netns ${pod.name}`);
    expect(await s.call("DEL", ptpConf(s), { pod })).toMatchObject({ exit: 0 });
    expect(veths(s)).toEqual([]);
  }));

test("a DEL whose n-th operation fails is made good by the next", () =>
  withStage(async (s) => {
    const conf = ptpConf(s, { ipMasq: true });
    for (let n = 1; ; n++) {
      const pod = s.pod();
      await s.call("ADD", conf, { pod });
      const { exit } = await s.call("DEL", conf, { pod }, countingKernel(s.kernel, n).kernel);
      if (exit === 0) break;
      // The addresses are not free while the link may still have them.
      expect(Object.keys(s.store()).length).toBe(2);
      expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
      expect(left(s)).toEqual(nothing);
    }
  }));

describe("GC", () => {
  const valid = (...ids: string[]) => ({
    "cni.dev/valid-attachments": ids.map((containerID) => ({ containerID, ifname: "eth0" })),
  });
  const three = async (s: Stage) => {
    const conf = ptpConf(s, {}, ["10.1.2.0/24"]);
    for (const containerId of ["a", "b", "c"]) await s.call("ADD", conf, { pod: s.pod(), containerId });
    return conf;
  };

  test("removes the links and addresses of those not listed, and no others", () =>
    withStage(async (s) => {
      const conf = await three(s);
      await s.call("ADD", ptpConf(s, { name: "net2" }, ["10.5.0.0/24"]), { pod: s.pod(), containerId: "a" });
      s.host.ip("link add vethffffffff type veth");
      expect(await s.call("GC", { ...conf, ...valid("b") })).toMatchObject({ exit: 0 });
      const aliases = s.host.ipJson<{ ifalias?: string }>("link").map((l) => l.ifalias);
      expect(aliases.filter((a) => a !== undefined).sort()).toEqual(["podwire net1/b/eth0", "podwire net2/a/eth0"]);
      expect(veths(s)).toContain("vethffffffff");
      expect(Object.values(s.store()).sort()).toEqual(["a\r\neth0", "b\r\neth0"]);
      expect(s.host.ipJson<{ dst: string }>("-4 route").map((r) => r.dst)).toEqual(["10.1.2.3", "10.5.0.2"]);
    }));
  test("removes what ADDs left that were killed at each operation", () =>
    withStage(async (s) => {
      const conf = ptpConf(s, { ipMasq: true }, dual, defaults);
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
      expect(left(s)).toEqual(nothing);
      expect(pods.flatMap((pod) => pod.ipJson<{ ifname: string }>("link").map((l) => l.ifname))).toEqual(
        pods.map(() => "lo"),
      );
    }));
  test("without a list removes nothing", () =>
    withStage(async (s) => {
      const conf = await three(s);
      const was = [snapshot(s.host), s.store()];
      expect(await s.call("GC", conf)).toMatchObject({ exit: 1, json: { code: 7 } });
      expect([snapshot(s.host), s.store()]).toEqual(was);
    }));
});

describe("STATUS", () => {
  test("is fine on a host that has nothing yet, and makes nothing", () =>
    withStage(async (s) => {
      const was = snapshot(s.host);
      expect(await s.call("STATUS", ptpConf(s, { ipMasq: true }))).toEqual({ exit: 0, json: {}, stderr: "" });
      expect(snapshot(s.host)).toEqual(was);
    }));
  test("is 50 when the IPAM plugin has no address left", () =>
    withStage(async (s) => {
      const conf = ptpConf(s, {}, ["10.1.2.0/30"]);
      await s.call("ADD", conf, { pod: s.pod() });
      expect(await s.call("STATUS", conf)).toMatchObject({ exit: 1, json: { code: 50 } });
    }));
});
