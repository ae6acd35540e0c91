/** ADD on a kernel; `ip` is the judge. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { attach, dual, ground, type Net1, rulesOf, sbrConf, tableOf, v4, v6 } from "./testing/ground.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const ifname = "net1";

/** A pod, and the answer of an ADD that has to succeed. */
const added = async (s: Stage, net1: Net1, more: JsonObject = {}): Promise<TestNetns> => {
  const pod = s.pod();
  ground(pod);
  const prev = attach(pod, net1);
  const { exit, json } = await s.call("ADD", sbrConf(prev, more), { pod, ifname });
  // The result passes through.
  expect({ exit, json }).toEqual({ exit: 0, json: prev });
  return pod;
};
const by = (pod: TestNetns, from: string, to: string): string | undefined => {
  const [route] = pod.ipJson<{ dev: string; gateway?: string }>(`route get ${to} from ${from}`);
  return route && `${route.dev} ${route.gateway ?? "direct"}`;
};

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

describe("what cannot be is refused before anything is touched", () => {
  const refused = (prev: (pod: TestNetns) => JsonObject | undefined, code: number, said: RegExp) =>
    withStage(async (s) => {
      const pod = s.pod();
      ground(pod);
      const conf = sbrConf(prev(pod));
      const was = [snapshot(pod), rulesOf(pod, true)];
      const { exit, json } = await s.call("ADD", conf, { pod, ifname });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code });
      expect(String(json.msg)).toMatch(said);
      expect([snapshot(pod), rulesOf(pod, true)]).toEqual(was);
    });
  test("no result before it", () => refused(() => undefined, 7, /prevResult: ADD works on it/));
  test("a result without addresses", () =>
    refused((pod) => attach(pod, { ips: [] }), 7, /prevResult.ips: has no address of net1/));
  test("a result with addresses of other interfaces only", () =>
    refused(
      () => ({ cniVersion: "1.1.0", interfaces: [{ name: "eth0" }], ips: [{ ...v4, interface: 0 }] }),
      7,
      /has no address of net1/,
    ));
  test("an interface that is not there", () =>
    refused(
      (pod) => {
        const prev = attach(pod, dual);
        pod.ip("link del net1");
        return prev;
      },
      103,
      /link net1: there is no such device/,
    ));
  test("a second ADD", () =>
    withStage(async (s) => {
      const pod = await added(s, dual);
      const was = [snapshot(pod), rulesOf(pod, true)];
      const conf = sbrConf({ cniVersion: "1.1.0", ips: dual.ips as JsonObject[] });
      const { exit, json } = await s.call("ADD", conf, { pod, ifname });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code: 102 });
      expect(json.details).toBe("podwire cni del net1 --container-id pod1 --ifname net1");
      expect([snapshot(pod), rulesOf(pod, true)]).toEqual(was);
    }));
});

describe("an ADD whose n-th operation fails leaves everything as it was", () => {
  const configs: Record<string, { readonly net1: Net1; readonly more?: JsonObject }> = {
    "dual stack": { net1: dual },
    "two of a subnet, hints": {
      net1: { ...dual, ips: [v4, { address: "10.7.0.6/24" }, v6], more: "ip route add 10.30.0.0/16 dev net1" },
      more: { addSourceHints: true },
    },
    "a table": { net1: dual, more: { table: 77 } },
  };
  for (const [name, { net1, more }] of Object.entries(configs))
    test(name, () =>
      withStage(async (s) => {
        for (let n = 1; ; n++) {
          using pod = makeNetns();
          ground(pod);
          const conf = sbrConf(attach(pod, net1), more);
          // As `ip` prints them: routes of one destination count in their order.
          const look = () => [snapshot(pod), rulesOf(pod, true), tableOf(pod, "main")];
          const was = look();
          const { kernel, done } = countingKernel(s.kernel, n);
          const { exit, json } = await s.call("ADD", conf, { pod, ifname }, kernel);
          s.kernel.forget(pod.path);
          if (exit === 0) {
            // The whole ADD was shorter than n: every one of its operations has failed once.
            expect(done.length).toBe(n - 1);
            break;
          }
          expect(String(json.msg)).toContain("as planned");
          expect({ n, op: done[n - 1], seen: look() }).toEqual({ n, op: done[n - 1], seen: was });
        }
      }),
    );
});
