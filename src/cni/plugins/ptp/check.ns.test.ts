/** CHECK on a kernel: quiet on what ADD made, and a difference for every single thing that is then broken. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { withStage } from "../../testing/stage.ts";
import { defaults, dual, ptpConf } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

/** What breaks it (sh; $VETH is the host's end), where, and what CHECK has to say. */
const mutations: readonly (readonly [where: "host" | "pod", line: string, said: RegExp])[] = [
  ["host", "ip link del $VETH", /host's end veth\w+: is gone.*eth0 in .*: is gone/],
  ["host", "ip link set $VETH name veth0", /host's end veth\w+: is gone/],
  ["host", "ip link set $VETH address 02:00:00:00:00:98", /MAC of veth\w+: is 02:00:00:00:00:98/],
  ["host", "ip link set $VETH down", /link veth\w+: is down/],
  ["host", "ip link set $VETH mtu 1300", /mtu of veth\w+: is 1300, should be 1400/],
  ["host", "ip addr del 10.1.2.1/32 dev $VETH", /address 10\.1\.2\.1\/32 on veth\w+: is gone/],
  ["host", "ip addr del fd00:1::1/128 dev $VETH", /address fd00:1::1\/128 on veth\w+: is gone/],
  ["host", "ip route del 10.1.2.2/32", /route 10\.1\.2\.2\/32 dev veth\w+: is gone/],
  ["host", "ip -6 route del fd00:1::2/128", /route fd00:1::2\/128 dev veth\w+: is gone/],
  [
    "host",
    "ip link add x type veth; ip link set x up; ip route del 10.1.2.2/32; ip route add 10.1.2.2/32 dev x",
    /route 10\.1\.2\.2\/32 dev veth\w+: is gone/,
  ],
  ["host", "echo 0 > /proc/sys/net/ipv4/ip_forward", /ip_forward: is 0, should be 1/],
  ["host", "echo 0 > /proc/sys/net/ipv4/conf/$VETH/forwarding", /conf\.veth\w+\.forwarding: is 0, should be 1/],
  ["host", "echo 0 > /proc/sys/net/ipv6/conf/all/forwarding", /all\.forwarding: is 0, should be 1/],
  ["pod", "ip link set eth0 address 02:00:00:00:00:97", /MAC of eth0 in the pod: is 02:00:00:00:00:97/],
  ["pod", "ip link set eth0 mtu 1300", /mtu of eth0 in the pod: is 1300, should be 1400/],
  ["pod", "ip link set eth0 down", /link eth0: is down/],
  ["pod", "ip link set eth0 name web0", /eth0 in .*: is gone/],
  ["pod", "ip link set eth0 down; ip link set eth0 name old0; ip link add eth0 type veth", /other end of eth0/],
  ["pod", "ip addr del 10.1.2.2/24 dev eth0", /address 10\.1\.2\.2\/24 on eth0: is gone/],
  ["pod", "ip addr del fd00:1::2/64 dev eth0", /address fd00:1::2\/64 on eth0: is gone/],
  ["pod", "ip route del default", /route default via 10\.1\.2\.1 dev eth0: is gone/],
  ["pod", "ip -6 route del default", /route default via fd00:1::1/],
  ["pod", "ip route del 10.1.2.1/32", /route 10\.1\.2\.1\/32 dev eth0: is gone/],
  ["pod", "ip -6 route del fd00:1::1/128", /route fd00:1::1\/128 dev eth0: is gone/],
  ["pod", "ip route del 10.1.2.0/24", /route 10\.1\.2\.0\/24 via 10\.1\.2\.1 dev eth0: is gone/],
  ["pod", "ip -6 route del fd00:1::/64", /route fd00:1::\/64 via fd00:1::1 dev eth0: is gone/],
  [
    "pod",
    "ip route add 10.1.2.0/24 dev eth0 proto kernel scope link src 10.1.2.2 metric 5",
    /route 10\.1\.2\.0\/24 dev eth0: is there, should be gone/,
  ],
  [
    "pod",
    "ip route change 10.1.2.0/24 via 10.1.2.1 dev eth0",
    /route 10\.1\.2\.0\/24 via 10\.1\.2\.1 dev eth0: is gone/,
  ],
];

describe("CHECK notices", () => {
  for (const [where, line, said] of mutations)
    test(`in the ${where}: ${line}`, () =>
      withStage(async (s) => {
        const pod = s.pod();
        const conf = ptpConf(s, { mtu: 1400 }, dual, defaults);
        const { json } = await s.call("ADD", conf, { pod });
        const asked = { ...conf, prevResult: json };
        expect(await s.call("CHECK", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
        const veth = (json.interfaces as { name: string }[])[0]?.name;
        (where === "host" ? s.host : pod).sh(`VETH=${veth}; ${line}`);
        const { exit, json: error } = await s.call("CHECK", asked, { pod });
        expect(exit).toBe(1);
        expect(String(error.msg)).toMatch(said);
      }));
});

test("the lines that CHECK ends with mend what they are about, one after the other", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = ptpConf(s, {}, dual, defaults);
    const { json } = await s.call("ADD", conf, { pod });
    const asked = { ...conf, prevResult: json };
    pod.sh("ip route flush table main; ip -6 route flush table main");
    const veth = (json.interfaces as { name: string }[])[0]?.name;
    s.host.sh(`ip addr flush dev ${veth}; ip route flush table main; sysctl -qw net.ipv4.ip_forward=0`);
    const fixed: string[] = [];
    for (let left = 20; left > 0; left--) {
      const { exit, json: error } = await s.call("CHECK", asked, { pod });
      if (exit === 0) break;
      fixed.push(String(error.details));
      s.host.sh(String(error.details));
    }
    expect(fixed.length).toBe(10);
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 0 });
  }));

test("CHECK notices that the IPAM plugin has lost the address", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = ptpConf(s);
    const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
    await s.call("GC", { ...conf, type: "host-local", "cni.dev/valid-attachments": [] });
    expect(s.store()).toEqual({});
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 1 });
  }));

test("CHECK needs a prevResult, and says so", () =>
  withStage(async (s) => {
    expect(await s.call("CHECK", ptpConf(s), { pod: s.pod() })).toMatchObject({ exit: 1, json: { code: 7 } });
  }));

test("CHECK lets be what later plugins have added to the result", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = ptpConf(s);
    const { json } = await s.call("ADD", conf, { pod });
    const interfaces = [...(json.interfaces as JsonObject[]), { name: "ifb1", mac: "02:00:00:00:00:01" }];
    const ips = [...(json.ips as JsonObject[]), { address: "10.99.0.1/32", interface: 2 }];
    const prevResult = { ...json, interfaces, ips };
    expect(await s.call("CHECK", { ...conf, prevResult }, { pod })).toMatchObject({ exit: 0 });
  }));

test("CHECK finds its routes where sbr has moved them, and notices there that one is gone", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = ptpConf(s, {}, dual, defaults);
    const added = await s.call("ADD", conf, { pod });
    const chained = await s.call("ADD", { ...conf, type: "sbr", prevResult: added.json }, { pod });
    expect(chained).toMatchObject({ exit: 0 });
    const asked = { ...conf, prevResult: chained.json };
    expect(pod.ipJson("-4 route")).toEqual([]);
    expect(await s.call("CHECK", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    pod.sh("ip route del 10.1.2.0/24 table 100");
    const { exit, json } = await s.call("CHECK", asked, { pod });
    expect({ exit, msg: String(json.msg) }).toMatchObject({
      exit: 1,
      msg: expect.stringMatching(/10\.1\.2\.0\/24 via 10\.1\.2\.1 dev eth0: is gone/),
    });
  }));
