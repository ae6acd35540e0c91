/** What each key of the config does on a kernel; `ip` is the judge. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { withStage } from "../../testing/stage.ts";
import { added, ifname } from "./testing/added.ts";
import { attach, dual, ground, rulesOf, sbrConf, tableOf, v4 } from "./testing/ground.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

describe("gateways", () => {
  test("stand instead of those of the result and of its default routes", () =>
    withStage(async (s) => {
      const pod = await added(s, dual, { gateways: ["10.7.0.77", "fd00:7::77"] });
      expect(tableOf(pod, 100).filter((line) => line.startsWith("default"))).toEqual([
        "default via 10.7.0.77 dev net1",
      ]);
      expect(tableOf(pod, 101).filter((line) => line.startsWith("default"))).toEqual([
        "default via fd00:7::77 dev net1 metric 1024",
      ]);
      expect(tableOf(pod, "main").filter((line) => /^default.*net1/.test(line))).toEqual([]);
    }));
  test("that cannot be reached fail the ADD, which leaves everything as it was", () =>
    withStage(async (s) => {
      const pod = s.pod();
      ground(pod);
      const prev = attach(pod, dual);
      const was = [snapshot(pod), rulesOf(pod, true)];
      const { exit, json } = await s.call("ADD", sbrConf(prev, { gateways: ["203.0.113.1"] }), { pod, ifname });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code: 105 });
      expect(String(json.msg)).toContain("route append default via 203.0.113.1 dev net1 table 100");
      expect([snapshot(pod), rulesOf(pod, true)]).toEqual(was);
    }));
});

describe("addSourceHints", () => {
  const hints = { addSourceHints: true };
  const main = (pod: TestNetns): string[] => tableOf(pod, "main").filter((line) => line.includes("net1"));
  test("table main keeps the ways to the subnets, with their source", () =>
    withStage(async (s) => {
      const pod = await added(s, dual, hints);
      expect(main(pod)).toEqual([
        "10.7.0.0/24 dev net1 scope link src 10.7.0.5",
        "fd00:7::/64 dev net1 src fd00:7::5 metric 1024",
        "fe80::/64 dev net1 metric 256",
      ]);
      expect(tableOf(pod, 100)).toContain("10.7.0.0/24 dev net1 scope link src 10.7.0.5");
      const [four] = pod.ipJson<{ prefsrc: string }>("route get 10.7.0.99");
      const [six] = pod.ipJson<{ prefsrc: string }>("-6 route get fd00:7::99");
      expect([four?.prefsrc, six?.prefsrc]).toEqual(["10.7.0.5", "fd00:7::5"]);
    }));
  test("a subnet that eth0 is in as well keeps eth0's route first", () =>
    withStage(async (s) => {
      const ips = [{ address: "10.244.1.9/24" }];
      const pod = await added(s, { ips }, hints);
      expect(tableOf(pod, "main").filter((line) => line.startsWith("10.244"))).toEqual([
        "10.244.1.0/24 dev eth0 scope link src 10.244.1.5",
        "10.244.1.0/24 dev net1 scope link src 10.244.1.9",
      ]);
    }));
  test("where the interface has no direct route, as ptp leaves it, one is made", () =>
    withStage(async (s) => {
      const more = `ip route del 10.7.0.0/24 dev net1; ip route add 10.7.0.1 dev net1 scope link src 10.7.0.5
        ip route add 10.7.0.0/24 via 10.7.0.1 src 10.7.0.5`;
      const pod = await added(s, { ips: [v4], more }, hints);
      expect(main(pod).filter((line) => line.startsWith("10."))).toEqual([
        "10.7.0.0/24 dev net1 scope link src 10.7.0.5",
        "10.7.0.1 dev net1 scope link src 10.7.0.5",
      ]);
      expect(tableOf(pod, 100)).toEqual([
        "default via 10.7.0.1 dev net1",
        "10.7.0.0/24 via 10.7.0.1 dev net1 src 10.7.0.5",
        "10.7.0.1 dev net1 scope link src 10.7.0.5",
      ]);
    }));
});

test("with table, rules alone are made, and all routes stay", () =>
  withStage(async (s) => {
    const pod = s.pod();
    ground(pod);
    const prev = attach(pod, dual);
    const was = snapshot(pod);
    expect(await s.call("ADD", sbrConf(prev, { table: 4242 }), { pod, ifname })).toMatchObject({ exit: 0, json: prev });
    expect(rulesOf(pod).filter((line) => line.includes("4242"))).toEqual([
      "32765: from 10.7.0.5 lookup 4242",
      "32765: from fd00:7::5 lookup 4242",
    ]);
    expect(snapshot(pod)).toEqual(was);
  }));
