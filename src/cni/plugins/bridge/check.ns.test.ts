/** CHECK on a kernel: quiet on what ADD made, and a difference for every single thing that is then broken. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { withStage } from "../../testing/stage.ts";
import { bridgeConf, dual } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const l3: JsonObject = { isDefaultGateway: true, hairpinMode: true, portIsolation: true, mtu: 1400 };
const routes = [
  { dst: "10.8.0.0/16", table: 77 },
  { dst: "10.7.0.0/16", gw: "10.1.2.9" },
];

/** What breaks it (sh; $VETH is the host's end), where, and what CHECK has to say. */
const mutations: readonly (readonly [where: "host" | "pod", line: string, said: RegExp])[] = [
  ["host", "ip link del br0", /bridge br0: is gone/],
  ["host", "ip link del br0; ip link add br0 type veth", /kind of br0: is veth, should be bridge/],
  ["host", "ip link set br0 address 02:00:00:00:00:99", /MAC of bridge br0: is 02:00:00:00:00:99/],
  ["host", "ip link set br0 down", /link br0: is down/],
  ["host", "ip link del $VETH", /eth0 in .*: is gone/],
  ["host", "ip link set $VETH nomaster", /master of veth\w+: is none, should be br0/],
  [
    "host",
    "ip link add br9 type bridge; ip link set $VETH master br9",
    /master of veth\w+: is link \d+, should be br0/,
  ],
  ["host", "ip link set $VETH address 02:00:00:00:00:98", /MAC of veth\w+: is 02:00:00:00:00:98/],
  ["host", "ip link set $VETH down", /link veth\w+: is down/],
  ["host", "ip link set $VETH mtu 1300", /mtu of veth\w+: is 1300, should be 1400/],
  ["host", "bridge link set dev $VETH hairpin off", /hairpin of veth\w+: is off, should be on/],
  ["host", "bridge link set dev $VETH isolated off", /isolated of veth\w+: is off, should be on/],
  ["host", "ip addr del 10.1.2.1/24 dev br0", /gateway address 10\.1\.2\.1\/24 on br0: is gone/],
  ["host", "ip addr del fd00:1::1/64 dev br0", /gateway address fd00:1::1\/64 on br0: is gone/],
  ["host", "echo 0 > /proc/sys/net/ipv4/ip_forward", /ip_forward: is 0, should be 1/],
  ["host", "echo 0 > /proc/sys/net/ipv6/conf/all/forwarding", /forwarding: is 0, should be 1/],
  ["pod", "ip link set eth0 address 02:00:00:00:00:97", /MAC of eth0 in the pod: is 02:00:00:00:00:97/],
  ["pod", "ip link set eth0 mtu 1300", /mtu of eth0 in the pod: is 1300, should be 1400/],
  ["pod", "ip link set eth0 down", /link eth0: is down/],
  ["pod", "ip link set eth0 name web0", /eth0 in .*: is gone/],
  ["pod", "ip link set eth0 down; ip link set eth0 name old0; ip link add eth0 type veth", /other end of eth0/],
  ["pod", "ip addr del 10.1.2.2/24 dev eth0", /address 10\.1\.2\.2\/24 on eth0: is gone/],
  ["pod", "ip addr del fd00:1::2/64 dev eth0", /address fd00:1::2\/64 on eth0: is gone/],
  ["pod", "ip route del default", /route default via 10\.1\.2\.1 dev eth0: is gone/],
  ["pod", "ip route replace default via 10.1.2.77", /route default via 10\.1\.2\.1/],
  ["pod", "ip -6 route del default", /route default via fd00:1::1/],
  [
    "pod",
    "ip route del 10.8.0.0/16 table 77; ip route add 10.8.0.0/16 via 10.1.2.1",
    /route 10\.8\.0\.0\/16 .* table 77: is gone/,
  ],
  [
    "pod",
    "ip link add x type veth; ip link set x up; ip route del 10.7.0.0/16; ip route add 10.7.0.0/16 via 10.1.2.9 dev x onlink",
    /route 10\.7\.0\.0\/16 via 10\.1\.2\.9 dev eth0/,
  ],
];

describe("CHECK notices", () => {
  for (const [where, line, said] of mutations)
    test(`in the ${where}: ${line}`, () =>
      withStage(async (s) => {
        const pod = s.pod();
        const conf = bridgeConf(s, l3, dual, { routes });
        const { json } = await s.call("ADD", conf, { pod });
        const asked = { ...conf, prevResult: json };
        expect(await s.call("CHECK", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
        const veth = (json.interfaces as { name: string }[])[1]?.name;
        (where === "host" ? s.host : pod).sh(`VETH=${veth}; ${line}`);
        const { exit, json: error } = await s.call("CHECK", asked, { pod });
        expect(exit).toBe(1);
        expect(String(error.msg)).toMatch(said);
      }));
});

test("a route that is gone comes with the line that brings it back", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = bridgeConf(s, { isDefaultGateway: true });
    const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
    pod.ip("route del default");
    const { json } = await s.call("CHECK", asked, { pod });
    expect(String(json.details)).toMatch(/^ip -n \S+ route add default via /);
    pod.sh(String(json.details));
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 0 });
  }));

test("an interface that is down comes with its lines, each beside what it mends, in their order", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = bridgeConf(s, { isDefaultGateway: true });
    const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
    pod.ip("link set eth0 down");
    const { json } = await s.call("CHECK", asked, { pod });
    const errors = json.errors as { msg: string; details: string }[];
    expect(errors[0]).toEqual({
      msg: "link eth0: is down, should be up",
      details: `ip -n ${pod.name} link set dev eth0 up`,
    });
    expect(errors.length).toBeGreaterThan(1);
    for (const { details } of errors) s.host.sh(details);
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 0 });
  }));

test("CHECK notices that the bridge is no longer promiscuous", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = bridgeConf(s, { promiscMode: true }, []);
    const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 0 });
    s.host.ip("link set br0 promisc off");
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 1, json: { code: 104 } });
  }));

test("CHECK notices that the IPAM plugin has lost the address", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = bridgeConf(s);
    const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
    await s.call("GC", { ...(conf.ipam as object), ...conf, type: "host-local", "cni.dev/valid-attachments": [] });
    expect(s.store()).toEqual({});
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 1 });
  }));

test("CHECK needs a prevResult, and says so", () =>
  withStage(async (s) => {
    expect(await s.call("CHECK", bridgeConf(s), { pod: s.pod() })).toMatchObject({ exit: 1, json: { code: 7 } });
  }));

test("CHECK lets be what later plugins have added to the result", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = bridgeConf(s, { isGateway: true });
    const { json } = await s.call("ADD", conf, { pod });
    const interfaces = [...(json.interfaces as JsonObject[]), { name: "ifb1", mac: "02:00:00:00:00:01" }];
    const ips = [...(json.ips as JsonObject[]), { address: "10.99.0.1/32", interface: 3 }];
    expect(await s.call("CHECK", { ...conf, prevResult: { ...json, interfaces, ips } }, { pod })).toMatchObject({
      exit: 0,
    });
  }));
