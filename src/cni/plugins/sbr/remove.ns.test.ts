/** DEL, GC and STATUS on a kernel: from every half-made state to nothing, and never more than is ours. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { deleteNetns } from "../../../kernel/os/netns.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Call, type Stage, withStage } from "../../testing/stage.ts";
import { attach, dual, ground, rulesOf, sbrConf, tableOf } from "./testing/ground.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const ifname = "net1";
const quiet = { exit: 0, json: {}, stderr: "" };
const bare = ["0: from all lookup local", "32766: from all lookup main", "32767: from all lookup default"];
const none = [...bare, ...bare.slice(0, 2)];

const attached = async (s: Stage, more: JsonObject = {}) => {
  const pod = s.pod();
  ground(pod);
  const conf = sbrConf(attach(pod, dual), more);
  expect(await s.call("ADD", conf, { pod, ifname })).toMatchObject({ exit: 0 });
  return { pod, conf };
};
const { prevResult: _, ...withoutResult } = sbrConf({ cniVersion: "1.1.0" });
const left = (pod: TestNetns) => ({ rules: rulesOf(pod, true), tables: [100, 101].flatMap((t) => tableOf(pod, t)) });

describe("DEL succeeds, twice, and leaves no rule and no table behind", () => {
  const states: Record<string, { readonly half?: string; readonly asked?: JsonObject }> = {
    "after a plain ADD": {},
    "without a result": { asked: withoutResult },
    "with a result that has no addresses": { asked: { ...withoutResult, prevResult: { cniVersion: "1.1.0" } } },
    "with the interface deleted": { half: "ip link del net1" },
    "with the interface deleted, without a result": { half: "ip link del net1", asked: withoutResult },
    "with the interface renamed": {
      half: "ip link set net1 down; ip link set net1 name web1; ip link set web1 up",
      asked: withoutResult,
    },
    "with the addresses gone": { half: "ip address flush dev net1", asked: withoutResult },
    "with a rule gone": { half: "ip rule del from 10.7.0.5 table 100; ip route flush table 100" },
    "with routes gone": { half: "ip route flush table 100; ip -6 route del default table 101" },
    "with a config that ADD would refuse": { asked: { ...withoutResult, gateways: ["x"], addSourceHints: 3 } },
  };
  for (const [name, { half = ":", asked }] of Object.entries(states))
    test(name, () =>
      withStage(async (s) => {
        const { pod, conf } = await attached(s);
        pod.sh(half);
        for (const _ of [1, 2]) expect(await s.call("DEL", asked ?? conf, { pod, ifname })).toEqual(quiet);
        expect(left(pod)).toEqual({ rules: none, tables: [] });
      }),
    );
});

test("DEL without a namespace, or with one that is no more, is content and makes no file of it", () =>
  withStage(async (s) => {
    const { pod, conf } = await attached(s);
    s.kernel.forget(pod.path);
    deleteNetns(pod.path);
    for (const call of [{ pod }, { netns: "" }, { netns: `${pod.path}-never` }] satisfies Call[])
      expect(await s.call("DEL", conf, { ...call, ifname })).toEqual(quiet);
    expect(await Bun.file(pod.path).exists()).toBe(false);
    expect(await Bun.file(`${pod.path}-never`).exists()).toBe(false);
  }));

test("DEL of an interface that never was leaves all as it is", () =>
  withStage(async (s) => {
    const { pod, conf } = await attached(s);
    const was = [snapshot(pod), left(pod)];
    for (const call of [{ ifname: "net9" }, { ifname, containerId: "pod2" }])
      expect(await s.call("DEL", withoutResult, { pod, ...call })).toEqual(quiet);
    expect(await s.call("DEL", { ...withoutResult, name: "net2" }, { pod, ifname })).toEqual(quiet);
    expect([snapshot(pod), left(pod)]).toEqual(was);
    expect(await s.call("CHECK", conf, { pod, ifname })).toEqual(quiet);
  }));

test("DEL leaves what others have made: rules of an address, of a mark, routes in the tables", () =>
  withStage(async (s) => {
    const { pod, conf } = await attached(s);
    pod.sh(`ip rule add from 10.7.0.5 table 500 priority 900; ip rule add from 10.7.0.5 iif lo table 500 priority 901
      ip rule add from 10.99.0.1 table 501 protocol 0 priority 902; ip rule add fwmark 7 table 101 protocol 112 priority 903
      ip route add 10.50.0.0/16 via 10.7.0.3 table 100; ip route add 10.51.0.0/16 via 10.244.1.9 table 500 proto 112`);
    const foreign = rulesOf(pod, true).filter((line) => /^90\d:/.test(line));
    for (const _ of [1, 2]) expect(await s.call("DEL", conf, { pod, ifname })).toEqual(quiet);
    expect(rulesOf(pod, true)).toEqual([bare[0]!, ...foreign, ...none.slice(1)]);
    expect([tableOf(pod, 100), tableOf(pod, 500)]).toEqual([
      ["10.50.0.0/16 via 10.7.0.3 dev net1"],
      ["10.51.0.0/16 via 10.244.1.9 dev eth0"],
    ]);
  }));

test("DEL takes the rules that the reference has made for the interface's addresses", () =>
  withStage(async (s) => {
    const pod = s.pod();
    ground(pod);
    const prev = attach(pod, dual);
    const make = () =>
      pod.sh(`ip rule add from 10.7.0.5 table 100 protocol 0; ip -6 rule add from fd00:7::5 table 101 protocol 0
        ip rule add from 10.244.1.5 table 102 protocol 0 priority 99`);
    const kept = [bare[0]!, "99: from 10.244.1.5 lookup 102", ...none.slice(1)];
    make();
    expect(await s.call("DEL", withoutResult, { pod, ifname })).toEqual(quiet);
    expect(rulesOf(pod, true)).toEqual(kept);
    pod.ip("rule del priority 99");
    make();
    pod.ip("link del net1");
    expect(await s.call("DEL", sbrConf(prev), { pod, ifname })).toEqual(quiet);
    expect(rulesOf(pod, true)).toEqual(kept);
  }));

test("DEL with table takes the rules and leaves the table", () =>
  withStage(async (s) => {
    const { pod, conf } = await attached(s, { table: 150 });
    pod.sh("ip route add default via 10.7.0.1 table 150 proto 112");
    expect(await s.call("DEL", conf, { pod, ifname })).toEqual(quiet);
    expect(rulesOf(pod, true)).toEqual(none);
    expect(tableOf(pod, 150)).toEqual(["default via 10.7.0.1 dev net1"]);
  }));

test("two attachments of a pod go one without the other", () =>
  withStage(async (s) => {
    const { pod, conf } = await attached(s);
    const other = sbrConf({ cniVersion: "1.1.0", ips: [{ address: "10.244.1.5/24", gateway: "10.244.1.1" }] });
    expect(await s.call("ADD", other, { pod, ifname: "eth0" })).toMatchObject({ exit: 0 });
    expect(tableOf(pod, 102)).toContain("default via 10.244.1.1 dev eth0");
    expect(await s.call("DEL", withoutResult, { pod, ifname })).toEqual(quiet);
    expect(rulesOf(pod).filter((line) => line.includes("lookup 10"))).toEqual(["32764: from 10.244.1.5 lookup 102"]);
    expect(left(pod).tables).toEqual([]);
    expect(await s.call("CHECK", other, { pod, ifname: "eth0" })).toEqual(quiet);
    expect(await s.call("CHECK", conf, { pod, ifname })).toMatchObject({ exit: 1 });
  }));

test("a DEL whose n-th operation fails is made good by the next", () =>
  withStage(async (s) => {
    for (let n = 1; ; n++) {
      const { pod, conf } = await attached(s);
      const { exit } = await s.call("DEL", conf, { pod, ifname }, countingKernel(s.kernel, n).kernel);
      expect(await s.call("DEL", conf, { pod, ifname })).toEqual(quiet);
      expect(left(pod)).toEqual({ rules: none, tables: [] });
      if (exit === 0) break;
    }
  }));

test("what an ADD leaves that is killed at any operation, DEL removes", () =>
  withStage(async (s) => {
    for (let n = 1; ; n++) {
      const pod = s.pod();
      ground(pod);
      const conf = sbrConf(attach(pod, dual), { addSourceHints: true });
      const { exit } = await s.call("ADD", conf, { pod, ifname }, countingKernel(s.kernel, n, "killed").kernel);
      expect(await s.call("DEL", withoutResult, { pod, ifname })).toEqual(quiet);
      expect(left(pod)).toEqual({ rules: none, tables: [] });
      if (exit === 0) break;
    }
  }));

test("GC touches no pod, with a list or without", () =>
  withStage(async (s) => {
    const { pod } = await attached(s);
    const was = [snapshot(s.host), snapshot(pod), left(pod)];
    expect(await s.call("GC", withoutResult)).toEqual(quiet);
    expect(await s.call("GC", { ...withoutResult, "cni.dev/valid-attachments": [] })).toEqual(quiet);
    expect([snapshot(s.host), snapshot(pod), left(pod)]).toEqual(was);
  }));

describe("STATUS", () => {
  test("is fine on a host that has nothing yet, and makes nothing", () =>
    withStage(async (s) => {
      const was = snapshot(s.host);
      expect(await s.call("STATUS", withoutResult)).toEqual(quiet);
      expect(snapshot(s.host)).toEqual(was);
    }));
  test("tells of a config that ADD would refuse", () =>
    withStage(async (s) => {
      expect(await s.call("STATUS", { ...withoutResult, table: 0 })).toMatchObject({ exit: 1, json: { code: 7 } });
    }));
  test("fails when rules cannot be read", () =>
    withStage(async (s) => {
      const { kernel } = countingKernel(s.kernel, 1);
      expect(await s.call("STATUS", withoutResult, {}, kernel)).toMatchObject({ exit: 1 });
    }));
});
