/** ADD on a kernel; `ip` is the judge. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { withStage } from "../../testing/stage.ts";
import { added, by, ifname } from "./testing/added.ts";
import { attach, dual, ground, rulesOf, sbrConf, tableOf, v4, v6 } from "./testing/ground.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

test("a rule and a table for each address; table main keeps what is not net1's", () =>
  withStage(async (s) => {
    const pod = await added(s, dual);
    expect(rulesOf(pod).filter((line) => line.includes("from 10.7") || line.includes("from fd00:7"))).toEqual([
      "32765: from 10.7.0.5 lookup 100",
      "32765: from fd00:7::5 lookup 101",
    ]);
    expect(tableOf(pod, 100)).toEqual([
      "default via 10.7.0.1 dev net1",
      "10.7.0.0/24 dev net1 scope link src 10.7.0.5",
      "192.168.0.0/16 via 10.7.0.9 dev net1",
    ]);
    expect(tableOf(pod, 101)).toEqual([
      "fd00:7::/64 dev net1 metric 256",
      "fd99::/32 via fd00:7::9 dev net1 metric 1024",
      "fe80::/64 dev net1 metric 256",
      "default via fd00:7::1 dev net1 metric 1024",
    ]);
    expect(tableOf(pod, "main")).toEqual([
      "default via 10.244.1.1 dev eth0",
      "10.244.1.0/24 dev eth0 scope link src 10.244.1.5",
      "fd00:244::/64 dev eth0 metric 256",
      // Link-local addresses are no one's by rule.
      "fe80::/64 dev eth0 metric 256",
      "fe80::/64 dev net1 metric 256",
      "default via fd00:244::1 dev eth0 metric 1024",
    ]);
  }));

test("the kernel's own lookup goes by the source", () =>
  withStage(async (s) => {
    const pod = await added(s, dual);
    expect(by(pod, "10.7.0.5", "198.51.100.1")).toBe("net1 10.7.0.1");
    expect(by(pod, "10.7.0.5", "10.7.0.77")).toBe("net1 direct");
    expect(by(pod, "10.7.0.5", "192.168.3.4")).toBe("net1 10.7.0.9");
    expect(by(pod, "10.244.1.5", "198.51.100.1")).toBe("eth0 10.244.1.1");
    expect(by(pod, "fd00:7::5", "2001:db8::1")).toBe("net1 fd00:7::1");
    expect(by(pod, "fd00:244::5", "2001:db8::1")).toBe("eth0 fd00:244::1");
  }));

test("what the rules and routes bear: protocol 112, and the attachment's mark", () =>
  withStage(async (s) => {
    const pod = await added(s, dual);
    const rules = [4, 6].flatMap((f) => pod.ipJson<JsonObject>(`-${f} rule`)).filter((r) => r.suppress_ifgroup);
    expect(rules.map((r) => r.protocol)).toEqual(["112", "112"]);
    expect(new Set(rules.map((r) => r.suppress_ifgroup)).size).toBe(1);
    for (const table of ["-4 route show table 100", "-6 route show table 101"])
      for (const r of pod.ipJson<JsonObject>(table)) expect(r.protocol).toBe("112");
  }));

test("two addresses of one subnet, and one of another: three tables, each with its own gateway", () =>
  withStage(async (s) => {
    const ips = [v4, { address: "10.7.0.6/24", gateway: "10.7.0.2" }, { address: "10.8.0.5/24" }];
    const pod = await added(s, { ips, routes: [{ dst: "192.168.0.0/16", gw: "10.8.0.9" }] });
    expect(tableOf(pod, 100)).toEqual([
      "default via 10.7.0.1 dev net1",
      "10.7.0.0/24 dev net1 scope link src 10.7.0.5",
    ]);
    expect(tableOf(pod, 101)).toEqual([
      "default via 10.7.0.2 dev net1",
      "10.7.0.0/24 dev net1 scope link src 10.7.0.5",
    ]);
    expect(tableOf(pod, 102)).toEqual([
      "10.8.0.0/24 dev net1 scope link src 10.8.0.5",
      "192.168.0.0/16 via 10.8.0.9 dev net1",
    ]);
    expect(by(pod, "10.7.0.6", "198.51.100.1")).toBe("net1 10.7.0.2");
    // Without a default route in its table, main's counts.
    expect(by(pod, "10.8.0.5", "198.51.100.1")).toBe("eth0 10.244.1.1");
  }));

test("tables that a rule or a route has are passed over", () =>
  withStage(async (s) => {
    const pod = await added(s, {
      ...dual,
      more: "ip rule add from 10.99.0.1 table 100; ip -6 route add fd98::/64 dev eth0 table 101; ip route add 10.98.0.0/24 dev eth0 table 103",
    });
    expect(tableOf(pod, 102)).toContain("default via 10.7.0.1 dev net1");
    expect(tableOf(pod, 104)).toContain("default via fd00:7::1 dev net1 metric 1024");
    expect([100, 101, 103].flatMap((t) => tableOf(pod, t))).toEqual([
      "fd98::/64 dev eth0 metric 1024",
      "10.98.0.0/24 dev eth0 scope link",
    ]);
  }));

test("metrics, sizes and next hops of routes go along", () =>
  withStage(async (s) => {
    const pod = await added(s, {
      ips: [v4, v6],
      more: `ip route add 10.20.0.0/16 via 10.7.0.3 mtu 1300 advmss 1200 metric 7
        ip route add 10.21.0.0/16 nexthop via 10.7.0.3 weight 2 nexthop via 10.7.0.4
        ip -6 route add fd21::/64 nexthop via fd00:7::3 nexthop via fd00:7::4
        ip route add 10.22.0.0/16 via 203.0.113.1 dev net1 onlink`,
    });
    const text = tableOf(pod, 100).join("\n");
    expect(text).toContain("10.20.0.0/16 via 10.7.0.3 dev net1 metric 7 mtu 1300 advmss 1200");
    expect(text.replace(/\s+/g, " ")).toContain(
      "10.21.0.0/16 nexthop via 10.7.0.3 dev net1 weight 2 nexthop via 10.7.0.4 dev net1 weight 1",
    );
    expect(text).toContain("10.22.0.0/16 via 203.0.113.1 dev net1 onlink");
    expect(tableOf(pod, 101).join(" ").replace(/\s+/g, " ")).toContain(
      "fd21::/64 metric 1024 nexthop via fd00:7::3 dev net1 weight 1 nexthop via fd00:7::4 dev net1 weight 1",
    );
    expect(tableOf(pod, "main").filter((line) => /net1/.test(line) && !/^fe80/.test(line))).toEqual([]);
  }));

test("routes that are shared with another interface, from another address, or advertised stay where they are", () =>
  withStage(async (s) => {
    const pod = await added(s, {
      ips: [v4],
      more: `ip address add 10.70.0.1/24 dev net1
        ip route add 10.21.0.0/16 nexthop via 10.7.0.3 dev net1 nexthop via 10.244.1.9 dev eth0
        ip -6 route add default via fe80::9 dev net1 proto ra metric 2000`,
    });
    const text = tableOf(pod, "main").join("\n");
    expect(text).toContain("10.70.0.0/24 dev net1 scope link src 10.70.0.1");
    expect(text.replace(/\s+/g, " ")).toContain("10.21.0.0/16 nexthop via 10.7.0.3 dev net1");
    expect(text).toContain("default via fe80::9 dev net1 metric 2000");
    expect(tableOf(pod, 100)).toEqual([
      "default via 10.7.0.1 dev net1",
      "10.7.0.0/24 dev net1 scope link src 10.7.0.5",
    ]);
  }));

test("a gateway outside the subnet is reached by the route that leads to it", () =>
  withStage(async (s) => {
    const pod = await added(s, {
      ips: [{ address: "10.7.0.5/32", gateway: "169.254.1.1" }],
      more: "ip route add 169.254.1.1 dev net1 scope link; ip route append default via 169.254.1.1 dev net1",
    });
    expect(tableOf(pod, 100)).toEqual(["default via 169.254.1.1 dev net1", "169.254.1.1 dev net1 scope link"]);
    expect(by(pod, "10.7.0.5", "198.51.100.1")).toBe("net1 169.254.1.1");
    expect(by(pod, "10.244.1.5", "198.51.100.1")).toBe("eth0 10.244.1.1");
  }));

test("an address of no interface counts, one of another does not", () =>
  withStage(async (s) => {
    const pod = s.pod();
    ground(pod);
    const prev = attach(pod, { ips: [v4] });
    const interfaces = [{ name: "eth0", sandbox: pod.path }, ...(prev.interfaces as JsonObject[])];
    const ips = [{ address: "10.244.1.5/24", interface: 0 }, v4];
    const asked = sbrConf({ cniVersion: "1.1.0", interfaces, ips });
    expect(await s.call("ADD", asked, { pod, ifname })).toMatchObject({ exit: 0 });
    expect(rulesOf(pod).filter((line) => line.includes("lookup 10"))).toEqual(["32765: from 10.7.0.5 lookup 100"]);
  }));

test("results of every version of the specification pass through as they are", () =>
  withStage(async (s) => {
    for (const version of ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]) {
      const pod = s.pod();
      ground(pod);
      const prev = attach(pod, dual, version);
      expect((await s.call("ADD", sbrConf(prev), { pod, ifname })).json).toEqual(prev);
    }
    const pod = s.pod();
    ground(pod);
    attach(pod, { ips: [v4] });
    const old = { cniVersion: "0.2.0", ip4: { ip: v4.address, gateway: v4.gateway }, dns: {} };
    expect((await s.call("ADD", sbrConf(old), { pod, ifname })).json).toEqual(old);
    expect(tableOf(pod, 100)).toHaveLength(2);
  }));
