/** The reference's sbr and ours, given the same pod: the same rules and tables. And real packets, which go by source. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { attach, dual, ground, type Net1, rulesOf, sbrConf, tableOf, v4, v6 } from "./testing/ground.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const ifname = "net1";
const players = ["call", "reference"] as const;

const cases: Record<string, Net1> = {
  IPv4: { ips: [v4] },
  IPv6: { ips: [v6] },
  "IPv4 without a gateway": { ips: [{ address: "10.7.0.5/24" }] },
  "both, with routes": dual,
  "two addresses of a subnet": { ips: [v4, { address: "10.7.0.6/24", gateway: "10.7.0.2" }] },
  "two subnets, a route for each": {
    ips: [v4, { address: "10.8.0.5/24", gateway: "10.8.0.1" }],
    routes: [
      { dst: "192.168.0.0/16", gw: "10.7.0.9" },
      { dst: "172.16.0.0/12", gw: "10.8.0.9" },
    ],
  },
  "two IPv6 subnets": { ips: [v6, { address: "fd00:8::5/64", gateway: "fd00:8::1" }] },
  "a default route by another gateway": { ips: [v4], routes: [{ dst: "0.0.0.0/0", gw: "10.7.0.99" }] },
  "a default route of another metric": { ips: [v4], more: "ip route add default via 10.7.0.98 dev net1 metric 50" },
  "a direct route": { ips: [v4, { address: "10.8.0.5/24" }], more: "ip route add 10.30.0.0/16 dev net1" },
  "routes as ptp makes them": {
    ips: [v4],
    more: `ip route del 10.7.0.0/24 dev net1; ip route add 10.7.0.1 dev net1 scope link src 10.7.0.5
      ip route add 10.7.0.0/24 via 10.7.0.1 src 10.7.0.5`,
  },
  "an address alone, and its gateway": {
    ips: [{ address: "10.7.0.5/32", gateway: "169.254.1.1" }],
    more: "ip route add 169.254.1.1 dev net1 scope link",
  },
  "sizes and metrics": { ips: [v4], more: "ip route add 10.20.0.0/16 via 10.7.0.3 mtu 1300 advmss 1200 metric 7" },
  "rules that have tables": {
    ips: [v4, { address: "10.8.0.5/24", gateway: "10.8.0.1" }],
    more: "ip rule add from 10.99.0.1 table 100; ip rule add from 10.99.0.2 table 102",
  },
};

/**
 * Rules, and what the tables hold for packets of their rule's family: the reference copies IPv6's routes to the tables of
 * IPv4's addresses, too, and takes the link-local ones out of table main.
 */
const seen = (pod: TestNetns) => {
  const rules = rulesOf(pod);
  const tables = rules.flatMap((line) => /from (\S+) lookup (\d+)/.exec(line)?.slice(1, 3).join(" ") ?? []);
  const routes = (table: string, six?: boolean): string[] =>
    tableOf(pod, table)
      .filter((line) => !line.startsWith("fe80:") && (six === undefined || /^\S*:|via \S*:/.test(line) === six))
      .sort();
  return { rules, main: routes("main"), tables: tables.map((t) => [t, routes(t.split(" ")[1]!, t.includes(":"))]) };
};

const played = async (s: Stage, who: (typeof players)[number], net1: Net1) => {
  const pod = s.pod();
  ground(pod);
  const conf = sbrConf(attach(pod, net1, "0.4.0"));
  const { exit, json } = await s[who]("ADD", conf, { pod, ifname });
  const after = seen(pod);
  expect(await s[who]("DEL", conf, { pod, ifname })).toMatchObject({ exit: 0 });
  return { exit, result: JSON.stringify(json).replaceAll(pod.path, "POD"), after, rules: rulesOf(pod) };
};

describe("the reference's sbr and ours leave the same behind", () => {
  for (const [name, net1] of Object.entries(cases))
    test(name, () =>
      withStage(async (s) => {
        const [ours, theirs] = [await played(s, "call", net1), await played(s, "reference", net1)];
        expect(theirs.exit).toBe(0);
        expect({ ...ours, result: JSON.parse(ours.result) }).toEqual({ ...theirs, result: JSON.parse(theirs.result) });
        expect(ours.after.tables).not.toEqual([]);
      }),
    );
});

const bridged = (s: Stage, cniVersion: string): JsonObject => ({
  cniVersion,
  name: "pods",
  type: "bridge",
  isDefaultGateway: true,
  ipam: { type: "host-local", dataDir: s.dataDir, ranges: [[{ subnet: "10.1.2.0/24" }], [{ subnet: "fd00:1::/64" }]] },
});

test("bridge and sbr in a chain, all ours and all the reference's, are the same; only ours pass their CHECK", async () => {
  const ends: unknown[] = [];
  for (const who of players)
    await withStage(async (s) => {
      const pod = s.pod();
      const [bridge, sbr] = [bridged(s, "1.0.0"), { ...bridged(s, "1.0.0"), type: "sbr" }];
      const { json } = await s[who]("ADD", bridge, { pod });
      expect(await s[who]("ADD", { ...sbr, prevResult: json }, { pod })).toMatchObject({ exit: 0 });
      const checked = await Promise.all(
        [bridge, sbr].map(async (conf) => s[who]("CHECK", { ...conf, prevResult: json }, { pod })),
      );
      // The reference's bridge looks for its subnet's route in table main.
      expect(checked.map((c) => c.exit)).toEqual(who === "call" ? [0, 0] : [1, 0]);
      ends.push(seen(pod));
    });
  expect(ends[0]).toEqual(ends[1]);
});

test("our DEL removes what the reference's ADD made", () =>
  withStage(async (s) => {
    const pod = s.pod();
    ground(pod);
    const was = rulesOf(pod);
    const conf = sbrConf(attach(pod, dual, "1.0.0"));
    expect(await s.reference("ADD", conf, { pod, ifname })).toMatchObject({ exit: 0 });
    expect(await s.call("CHECK", conf, { pod, ifname })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(await s.call("DEL", conf, { pod, ifname })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(rulesOf(pod)).toEqual(was);
  }));

/** Two routers, either of which knows the way back to one of the pod's networks only. Both have the server's address. */
const routers = (s: Stage, pod: TestNetns): readonly TestNetns[] => {
  ground(pod);
  return [0, 1].map((i) => {
    const router = s.pod();
    pod.sh(`ip link set far${i} netns ${router.name}`);
    const own = i === 0 ? ["10.244.1.1/24", "fd00:244::1/64"] : ["10.7.0.1/24", "fd00:7::1/64"];
    router.sh(`ip link set lo up; ip link set far${i} up; sysctl -qw net.ipv6.conf.far${i}.disable_ipv6=0
      sysctl -qw net.ipv6.conf.far${i}.accept_dad=0
      for a in ${own.join(" ")}; do ip address add $a dev far${i}; done
      ip address add 198.51.100.1/32 dev lo; ip address add 2001:db8::1/128 dev lo nodad`);
    return router;
  });
};
const answered = (pod: TestNetns, from: string, to: string): string =>
  pod.sh(`/bin/busybox ping -c1 -w30 -I ${from} ${to}`).match(/\d+ packets received/)?.[0] ?? "";

test("packets go out by the interface whose address they bear, and their answers come back", () =>
  withStage(async (s) => {
    const pod = s.pod();
    routers(s, pod);
    pod.sh("sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth0.rp_filter=1 net.ipv4.conf.net1.rp_filter=1");
    const conf = sbrConf(attach(pod, dual), {});
    // Before, all would go to the router that has no way back.
    expect(pod.ipJson("route get 198.51.100.1 from 10.7.0.5")).toMatchObject([{ dev: "eth0" }]);
    expect(await s.call("ADD", conf, { pod, ifname })).toMatchObject({ exit: 0 });
    for (const [from, to] of [
      ["10.7.0.5", "198.51.100.1"],
      ["10.244.1.5", "198.51.100.1"],
      ["10.7.0.5", "10.7.0.1"],
      ["fd00:7::5", "2001:db8::1"],
      ["fd00:244::5", "2001:db8::1"],
      ["fd00:7::5", "fd00:7::1"],
    ] as const)
      expect([from, to, answered(pod, from, to)]).toEqual([from, to, "1 packets received"]);
  }));
