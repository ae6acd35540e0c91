/** DEL, GC and STATUS on a kernel: from every half-made state to nothing, and never more than is ours. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import type { JsonObject } from "../../../base/json-types.ts";
import { deleteNetns } from "../../../kernel/os/netns.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { childConf, dual, type LinkRow, withMaster } from "../../attach/child/testing/stage.ts";
import { passingName } from "../../mark.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import type { Stage } from "../../testing/stage.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const conf = (s: Stage, more: JsonObject = {}, ranges?: readonly string[]): JsonObject =>
  childConf(s, "macvlan", more, ranges);
const names = (pod: TestNetns): string[] => pod.ipJson<LinkRow>("link").map((l) => l.ifname);
const mark = "podwire net1/pod1/eth0";
const passing = passingName({ network: "net1", containerId: "pod1", ifname: "eth0" });

interface State {
  /** What happens after ADD. */
  readonly half?: (s: Stage, pod: TestNetns) => void;
  /** CNI_NETNS, when it is not the pod's. */
  readonly netns?: string;
  /** Links of the pod afterwards; null when it cannot be asked. */
  readonly left?: readonly string[] | null;
}

describe("DEL succeeds, twice, and leaves no link and no address behind", () => {
  const states: Record<string, State> = {
    "after a plain ADD": {},
    "with the namespace's name forgotten by the caller, who lets the pod die": { netns: "", left: ["lo", "eth0"] },
    "with a namespace that is no more": {
      half: (s, pod) => {
        s.kernel.forget(pod.path);
        deleteNetns(pod.path);
      },
      left: null,
    },
    "with the interface renamed by the pod": { half: (_, pod) => pod.ip("link set eth0 down name web0") },
    "with another in its place": {
      half: (_, pod) => pod.sh("ip link set eth0 down name web0; ip link add eth0 type veth peer name v0"),
      left: ["lo", "v0", "eth0"],
    },
    "with the interface deleted": { half: (_, pod) => pod.ip("link del eth0") },
    "with the mark gone": { half: (_, pod) => pod.sh("ip link set eth0 alias ''") },
    "with the master gone, and the link with it": { half: (s) => s.host.ip("link del up0") },
    "with the master down": { half: (s) => s.host.ip("link set up0 down") },
    "with the master renamed": { half: (s) => s.host.ip("link set up0 name up1") },
    "before it got its name": {
      half: (s, pod) =>
        s.host.sh(`ip -n ${pod.name} link del eth0; ip link add ${passing} link up0 netns ${pod.name} type macvlan`),
    },
    "with the store gone": { half: (s) => rmSync(`${s.dataDir}/net1`, { recursive: true }) },
  };
  for (const [name, { half, netns, left = ["lo"] }] of Object.entries(states))
    test(name, () =>
      withMaster(async (s) => {
        const pod = s.pod();
        expect(await s.call("ADD", conf(s, {}, dual), { pod })).toMatchObject({ exit: 0 });
        half?.(s, pod);
        const call = netns === undefined ? { pod } : { netns };
        for (const _ of [1, 2])
          expect(await s.call("DEL", conf(s, {}, dual), call)).toEqual({ exit: 0, json: {}, stderr: "" });
        expect(s.store()).toEqual({});
        if (left) expect(names(pod)).toEqual([...left]);
      }),
    );
});

test("DEL without a master in the config, and without a default route, is fine", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    await s.call("ADD", conf(s), { pod });
    expect(await s.call("DEL", conf(s, { master: "" }), { pod })).toMatchObject({ exit: 0 });
    expect(names(pod)).toEqual(["lo"]);
  }));

test("DEL of an attachment whose interface name another one holds leaves that one alone", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    await s.call("ADD", conf(s), { pod });
    const other = conf(s, { name: "net2" }, ["10.5.0.0/24"]);
    const was = [snapshot(s.host), snapshot(pod), s.store()];
    expect(await s.call("ADD", other, { pod })).toMatchObject({ exit: 1, json: { code: 102 } });
    expect(await s.call("DEL", other, { pod })).toMatchObject({ exit: 0 });
    expect([snapshot(s.host), snapshot(pod), s.store()]).toEqual(was);
  }));

test("DEL leaves alone a link of another kind under that name", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    pod.ip("link add eth0 type veth peer name eth1");
    expect(await s.call("DEL", conf(s), { pod })).toMatchObject({ exit: 0 });
    expect(names(pod)).toEqual(["lo", "eth1", "eth0"]);
  }));

test("DEL takes away the link of a pod that the reference made, which has no mark", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    s.host.ip(`link add eth0 link up0 netns ${pod.name} type macvlan`);
    expect(await s.call("DEL", conf(s), { pod })).toMatchObject({ exit: 0 });
    expect(names(pod)).toEqual(["lo"]);
  }));

test("two attachments of one pod are two: DEL of one leaves the other", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    for (const ifname of ["eth0", "eth1"]) await s.call("ADD", conf(s), { pod, ifname });
    expect(await s.call("DEL", conf(s), { pod, ifname: "eth0" })).toMatchObject({ exit: 0 });
    expect(names(pod)).toEqual(["lo", "eth1"]);
    expect(Object.values(s.store())).toEqual(["pod1\r\neth1"]);
  }));

test("a DEL whose n-th operation fails is made good by the next", () =>
  withMaster(async (s) => {
    for (let n = 1; ; n++) {
      const pod = s.pod();
      await s.call("ADD", conf(s), { pod });
      const { kernel } = countingKernel(s.kernel, n);
      const { exit } = await s.call("DEL", conf(s), { pod }, kernel);
      if (exit === 0) break;
      // The address is not free while the link may still have it.
      expect(Object.keys(s.store()).length).toBe(1);
      expect(await s.call("DEL", conf(s), { pod })).toMatchObject({ exit: 0 });
      expect({ links: names(pod), store: s.store() }).toEqual({ links: ["lo"], store: {} });
    }
  }));

test("DEL takes away what an ADD left that was killed at any operation", () =>
  withMaster(async (s) => {
    const config = conf(s, {}, dual);
    for (let n = 1; ; n++) {
      const pod = s.pod();
      const { exit } = await s.call("ADD", config, { pod }, countingKernel(s.kernel, n, "killed").kernel);
      expect(await s.call("DEL", config, { pod })).toMatchObject({ exit: 0 });
      expect({ n, links: names(pod), store: s.store() }).toEqual({ n, links: ["lo"], store: {} });
      if (exit === 0) break;
    }
  }));

describe("GC", () => {
  const valid = (...ids: string[]): JsonObject => ({
    "cni.dev/valid-attachments": ids.map((containerID) => ({ containerID, ifname: "eth0" })),
  });
  const three = async (s: Stage): Promise<TestNetns[]> => {
    const pods = [s.pod(), s.pod(), s.pod()];
    for (const [i, pod] of pods.entries()) await s.call("ADD", conf(s), { pod, containerId: `pod${i}` });
    return pods;
  };

  test("frees the addresses of those not listed, and no others", () =>
    withMaster(async (s) => {
      const pods = await three(s);
      await s.call("ADD", conf(s, { name: "net2" }, ["10.5.0.0/24"]), { pod: s.pod(), containerId: "pod0" });
      expect(await s.call("GC", { ...conf(s), ...valid("pod1") })).toMatchObject({ exit: 0 });
      expect(Object.values(s.store()).sort()).toEqual(["pod0\r\neth0", "pod1\r\neth0"]);
      expect(pods.map(names)).toEqual(pods.map(() => ["lo", "eth0"]));
    }));
  test("with an empty list frees all of the network, and without a list nothing", () =>
    withMaster(async (s) => {
      await three(s);
      expect(await s.call("GC", conf(s))).toMatchObject({ exit: 1, json: { code: 7 } });
      expect(Object.keys(s.store()).length).toBe(3);
      expect(await s.call("GC", { ...conf(s), ...valid() })).toMatchObject({ exit: 0 });
      expect(s.store()).toEqual({});
    }));
  test("of layer 2 has nothing to do", () =>
    withMaster(async (s) => {
      expect(await s.call("GC", { ...conf(s, {}, []), ...valid() })).toEqual({ exit: 0, json: {}, stderr: "" });
    }));
});

describe("STATUS", () => {
  test("is fine with a master that is up, and makes nothing", () =>
    withMaster(async (s) => {
      const was = snapshot(s.host);
      expect(await s.call("STATUS", conf(s))).toEqual({ exit: 0, json: {}, stderr: "" });
      expect(await s.call("STATUS", conf(s, { linkInContainer: true, master: "in0" }))).toMatchObject({ exit: 0 });
      expect(snapshot(s.host)).toEqual(was);
    }));
  const told = (before: string, more: JsonObject, code: number, said: RegExp) =>
    withMaster(async (s) => {
      s.host.sh(before);
      const { exit, json } = await s.call("STATUS", conf(s, more));
      expect({ exit, msg: json.msg, code: json.code }).toMatchObject({ exit: 1, code });
      expect(String(json.msg)).toMatch(said);
    });
  test("is 51 when the master is gone or down: those who are attached reach nobody", async () => {
    await told("ip link del up0", {}, 51, /master up0: there is no such link/);
    await told("ip link set up0 down", {}, 51, /master up0: is down/);
  });
  test("is 50 when no default route tells the master", () => told(":", { master: "" }, 50, /default route/));
  test("is 7 when the MTU is above the master's", () =>
    told("ip link set up0 mtu 1400", { mtu: 1500 }, 7, /at most 1400/));
  test("is 50 when the IPAM plugin has no address left", () =>
    withMaster(async (s) => {
      const config = conf(s, {}, ["10.1.2.0/30"]);
      await s.call("ADD", config, { pod: s.pod() });
      expect(await s.call("STATUS", config)).toMatchObject({ exit: 1, json: { code: 50 } });
    }));
});

test("the mark on the link tells whose it is", () =>
  withMaster(async (s) => {
    const pod = s.pod();
    await s.call("ADD", conf(s), { pod });
    expect(pod.ipJson<LinkRow>("link show eth0")[0]?.ifalias).toBe(mark);
  }));
