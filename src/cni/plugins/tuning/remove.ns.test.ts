/** DEL, GC and STATUS on a kernel: from every half-made state to what was before, and never more than is ours. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type { JsonObject } from "../../../base/json-types.ts";
import { deleteNetns } from "../../../kernel/os/netns.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { snapshot } from "../../../kernel/testing/snapshot.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { attributes, filesOf, folderOf, otherMac, podWithLink, sysctl, tuningConf, untouched } from "./testing/pod.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const notify = "net/ipv4/conf/eth0/arp_notify";
const more: JsonObject = {
  mac: otherMac,
  mtu: 1400,
  promisc: true,
  allmulti: true,
  txQLen: 77,
  sysctl: { "net.ipv4.conf.IFNAME.arp_notify": "1", "net.ipv4.ip_forward": "1" },
};

describe("DEL succeeds, twice, and leaves no file behind", () => {
  interface State {
    readonly half?: (s: Stage, pod: TestNetns) => void;
    readonly netns?: string;
    /** The interface that is there afterwards, and what it is like. */
    readonly after?: readonly [ifname: string, like: JsonObject];
    readonly log?: RegExp;
  }
  const back = ["eth0", untouched] as const;
  const states: Record<string, State> = {
    "after a plain ADD": { after: back },
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
    "with the interface deleted": { half: (_, pod) => void pod.ip("link del eth0") },
    "with everything changed by the pod": {
      half: (_, pod) =>
        void pod.sh("ip link set eth0 mtu 1300 promisc off txqueuelen 5; sysctl -qw net.ipv4.ip_forward=0"),
      after: back,
    },
    "with its file gone": { half: (s) => rmSync(folderOf(s), { recursive: true }) },
    "with its file damaged": {
      half: (s) => writeFileSync(`${folderOf(s)}/pod1_eth0.json`, '{ "mac": "02:'),
      log: /pod1_eth0\.json cannot be read, nothing is put back/,
    },
    "with a value in the file that the kernel refuses": {
      half: (s) =>
        writeFileSync(`${folderOf(s)}/pod1_eth0.json`, '{"mtu":7,"podwire":{"sysctls":{"net/ipv4/ip_forward":"x"}}}'),
      log: /left as it is: set sysctl to x: .*left as it is: ip .*mtu 7: EINVAL/s,
    },
    "with the start of a file of an ADD that was killed": {
      half: (s) => writeFileSync(`${folderOf(s)}/.net1,pod1_eth0.json`, "{"),
      after: back,
    },
  };
  for (const [name, { half, netns, after, log }] of Object.entries(states))
    test(name, () =>
      withStage(async (s) => {
        const pod = podWithLink(s);
        const conf = tuningConf(s, pod, more);
        expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 0 });
        half?.(s, pod);
        const call = netns === undefined ? { pod } : { netns };
        const first = await s.call("DEL", { ...conf, prevResult: null }, call);
        expect(first).toMatchObject({ exit: 0, json: {} });
        expect(first.stderr).toMatch(log ?? /^$/);
        expect(await s.call("DEL", conf, call)).toEqual({ exit: 0, json: {}, stderr: "" });
        expect(filesOf(s)).toEqual({});
        if (!after) return;
        expect(attributes(pod, after[0])).toEqual(after[1]);
        expect([sysctl(pod, notify), sysctl(pod, "net/ipv4/ip_forward")]).toEqual(["0", "0"]);
      }),
    );
});

test("DEL after an ADD that was killed at each operation puts everything back", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const look = () => [snapshot(pod, [notify, "net/ipv4/ip_forward"]), attributes(pod)];
    const was = look();
    const conf = tuningConf(s, pod, more);
    for (let n = 1; ; n++) {
      const { exit } = await s.call("ADD", conf, { pod }, countingKernel(s.kernel, n, "killed").kernel);
      expect(await s.call("DEL", conf, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
      expect({ n, seen: look(), files: filesOf(s) }).toEqual({ n, seen: was, files: {} });
      if (exit === 0) break;
    }
  }));

test("a DEL whose n-th operation fails is made good by the next", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const conf = tuningConf(s, pod, more);
    for (let n = 1; ; n++) {
      await s.call("ADD", conf, { pod });
      const { exit } = await s.call("DEL", conf, { pod }, countingKernel(s.kernel, n).kernel);
      if (exit === 0) break;
      expect(Object.keys(filesOf(s))).toEqual(["pod1_eth0.json"]);
      expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
      expect([attributes(pod), sysctl(pod, notify), filesOf(s)]).toEqual([untouched, "0", {}]);
    }
  }));

test("DEL of an attachment whose name another network's has leaves that one alone", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    await s.call("ADD", tuningConf(s, pod, more), { pod });
    const was = [attributes(pod), filesOf(s)];
    expect(await s.call("DEL", tuningConf(s, pod, { ...more, name: "net2" }), { pod })).toMatchObject({ exit: 0 });
    expect([attributes(pod), filesOf(s)]).toEqual(was);
  }));

test("DEL of a config that ADD refused succeeds", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const bad = tuningConf(s, pod, { mac: "nonsense", sysctl: { "kernel.shmmax": "1" } });
    expect(await s.call("ADD", bad, { pod })).toMatchObject({ exit: 1, json: { code: 7 } });
    expect(await s.call("DEL", bad, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
  }));

test("what a DEL that never came has left is overwritten, not put back", () =>
  withStage(async (s) => {
    const first = podWithLink(s);
    await s.call("ADD", tuningConf(s, first, { mtu: 1400 }), { pod: first });
    const second = podWithLink(s);
    second.ip("link set eth0 mtu 1450");
    const conf = tuningConf(s, second, { mtu: 1300 });
    await s.call("ADD", conf, { pod: second });
    await s.call("DEL", conf, { pod: second });
    expect(attributes(second)).toEqual({ ...untouched, mtu: 1450 });
  }));

describe("GC", () => {
  const valid = (...ids: string[]) => ({
    "cni.dev/valid-attachments": ids.map((containerID) => ({ containerID, ifname: "eth0" })),
  });
  /** Three attachments of net1, one of net2, one of the reference's, and what a killed ADD of each network leaves. */
  const many = async (s: Stage): Promise<JsonObject> => {
    const pod = podWithLink(s);
    for (const containerId of ["a", "b", "c"]) await s.call("ADD", tuningConf(s, pod, more), { pod, containerId });
    await s.call("ADD", tuningConf(s, pod, { ...more, name: "net2" }), { pod, containerId: "a2" });
    for (const [name, text] of foreign) writeFileSync(`${folderOf(s)}/${name}`, text);
    writeFileSync(`${folderOf(s)}/.net1,d_eth0.json`, '{"podw');
    return { ...tuningConf(s, pod, more), cniVersion: "1.1.0" };
  };
  const foreign = [
    ["go_eth0.json", '{\n "mtu": 1500\n}'],
    ["cut_eth0.json", ""],
    ["notes.txt", "net1"],
    [".net2,a2_eth0.json", "{"],
    [".net1x,a2_eth0.json", "{"],
  ] as const;
  const others = ["a2_eth0.json", ...foreign.map(([name]) => name)];
  const names = (s: Stage): string[] => readdirSync(folderOf(s)).sort();

  test("removes the files of those not listed, and no others", () =>
    withStage(async (s) => {
      const conf = await many(s);
      expect(await s.call("GC", { ...conf, ...valid("b", "z") })).toEqual({ exit: 0, json: {}, stderr: "" });
      expect(names(s)).toEqual(["b_eth0.json", ...others].sort());
    }));
  test("goes by the interface, too", () =>
    withStage(async (s) => {
      const conf = await many(s);
      const list = { "cni.dev/valid-attachments": [{ containerID: "a", ifname: "net1" }] };
      expect(await s.call("GC", { ...conf, ...list })).toMatchObject({ exit: 0 });
      expect(names(s)).toEqual(others.toSorted());
    }));
  test("with an empty list removes all of the network", () =>
    withStage(async (s) => {
      const conf = await many(s);
      expect(await s.call("GC", { ...conf, ...valid() })).toMatchObject({ exit: 0 });
      expect(names(s)).toEqual(others.toSorted());
    }));
  test("without a list removes nothing", () =>
    withStage(async (s) => {
      const conf = await many(s);
      const was = names(s);
      expect(await s.call("GC", conf)).toMatchObject({ exit: 1, json: { code: 7 } });
      expect(names(s)).toEqual(was);
    }));
  test("is content where nothing was ever tuned", () =>
    withStage(async (s) => {
      const conf = { ...tuningConf(s, s.pod()), cniVersion: "1.1.0", ...valid() };
      expect(await s.call("GC", conf)).toEqual({ exit: 0, json: {}, stderr: "" });
    }));
  test("removes what it can, and tells of the rest", () =>
    withStage(async (s) => {
      const conf = await many(s);
      mkdirSync(`${folderOf(s)}/.net1,x`);
      expect(await s.call("GC", { ...conf, ...valid() })).toMatchObject({ exit: 1, json: { code: 5 } });
      expect(names(s).filter((n) => n.endsWith("_eth0.json"))).toEqual(others.filter((n) => n !== "notes.txt").sort());
    }));
});

describe("STATUS", () => {
  const ask = (s: Stage, extra: JsonObject) =>
    s.call("STATUS", { ...tuningConf(s, s.host, { prevResult: null, ...extra }), cniVersion: "1.1.0" });

  test("is fine where nothing was ever tuned, and makes nothing", () =>
    withStage(async (s) => {
      const sysctls = {
        "net.ipv4.conf.IFNAME.arp_notify": "1",
        "net/ipv6/neigh/eth0/ucast_solicit": "1",
        "net.ipv4.conf.all.rp_filter": "1",
        "net.ipv4.route.flush": "1",
      };
      expect(await ask(s, { ...more, sysctl: sysctls })).toEqual({ exit: 0, json: {}, stderr: "" });
      expect(filesOf(s)).toEqual({});
    }));
  for (const key of ["net.ipv4.nonsense", "net.ipv4.conf.IFNAME.nonsense", "net.ipv4.conf.default.nonsense"])
    test(`is 50 when new namespaces have no ${key}`, () =>
      withStage(async (s) => {
        const { exit, json } = await ask(s, { sysctl: { "net.ipv4.ip_forward": "1", [key]: "1" } });
        expect({ exit, code: json.code }).toEqual({ exit: 1, code: 50 });
        expect(json.msg).toBe(`sysctl ${key}: there is none of that name in a new network namespace`);
      }));
  test("is 50 when the folder for former values cannot be made", () =>
    withStage(async (s) => {
      writeFileSync(`${s.dataDir}/file`, "");
      const { json } = await ask(s, { dataDir: `${s.dataDir}/file/tuning` });
      expect(json).toMatchObject({ code: 50, msg: expect.stringContaining("is not writable: ENOTDIR") });
    }));
});
