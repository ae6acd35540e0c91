/** CHECK on a kernel: quiet on what ADD made, and a difference for every single thing that is then broken. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { both, ifbs, shaping, type Wired, wired } from "./testing/shaped.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

interface Shaped extends Wired {
  readonly asked: JsonObject;
}
const shaped = async (s: Stage, more: JsonObject): Promise<Shaped> => {
  const w = await wired(s);
  const { json } = await s.call("ADD", { ...shaping(more), prevResult: w.prevResult }, w.call);
  const asked = { ...shaping(more), prevResult: json };
  expect(await s.call("CHECK", asked, w.call)).toEqual({ exit: 0, json: {}, stderr: "" });
  return { ...w, asked };
};
const subnets = { ...both, unshapedSubnets: ["10.0.0.0/8", "192.0.2.0/24", "fd00::/16"] };
const onIngress = "ingress protocol all pref 28791";

/**
 * What breaks it (sh; $VETH is the host's end, $IFB and $IN the devices), what CHECK has to say, and whether the line that
 * it ends with mends it.
 */
const mutations: readonly (readonly [line: string, said: RegExp, more?: JsonObject, mended?: false])[] = [
  ["tc qdisc del dev $VETH root", /qdisc tbf on veth\w+: is gone/],
  ["tc qdisc del dev $IFB root", /qdisc tbf on bwp\w+: is gone/],
  ["tc qdisc replace dev $VETH root handle 9: htb", /qdisc on veth\w+: is htb 9:, should be tbf 7077:/],
  [
    "tc qdisc del dev $IFB root; tc qdisc add dev $IFB root handle 8: tbf rate 20mbit burst 25000 limit 25000",
    /qdisc on bwp\w+: is tbf 8:, should be tbf 7077:/,
  ],
  [
    "tc qdisc change dev $VETH root handle 7077: tbf rate 11mbit burst 12500 limit 15140 peakrate 100gbit mtu 3028",
    /rate of qdisc tbf on veth\w+: is 11000000 bit\/s, should be 10000000 bit\/s/,
  ],
  [
    "tc qdisc change dev $VETH root handle 7077: tbf rate 10mbit burst 12600 limit 15140 peakrate 100gbit mtu 3028",
    /burst of qdisc tbf on veth\w+: is 12600 bytes, should be 12500 bytes/,
  ],
  [
    "tc qdisc change dev $VETH root handle 7077: tbf rate 10mbit burst 12500 limit 15141 peakrate 100gbit mtu 3028",
    /limit of qdisc tbf on veth\w+: is 15141 bytes, should be 15140 bytes/,
  ],
  [
    "tc qdisc change dev $VETH root handle 7077: tbf rate 10mbit burst 12500 limit 15140 peakrate 90gbit mtu 3028",
    /peakrate of qdisc tbf on veth\w+: is 90000000000 bit\/s, should be 100000000000 bit\/s/,
  ],
  [
    "tc qdisc change dev $VETH root handle 7077: tbf rate 10mbit burst 12500 limit 15140 peakrate 100gbit mtu 9000",
    /minburst of qdisc tbf on veth\w+: is \d+ bytes, should be 3028 bytes/,
  ],
  ["ip link set $IFB down", /link bwp\w+: is down, should be up/],
  ["ip link set $IFB alias other", /alias of bwp\w+: is other, should be podwire net1\/pod1\/eth0/],
  ["ip link del $IFB; ip link add $IFB type ifb", /MAC of bwp\w+: is /, {}, false],
  ["ip link del $IFB", /link bwp\w+: is gone/],
  ["ip link del $IFB; ip link add $IFB type veth", /kind of bwp\w+: is veth, should be ifb/, {}, false],
  ["tc qdisc del dev $VETH clsact", /qdisc clsact on veth\w+: is gone/],
  [`tc filter del dev $VETH ${onIngress}`, /filter 28791 on veth\w+ \(match u32 0x0+ 0x0+ at 0\): is gone/],
  [
    `tc filter del dev $VETH ${onIngress}
     tc filter add dev $VETH ${onIngress} u32 match ip src 10.1.2.2 action mirred egress redirect dev $IFB`,
    /filter 28791 on veth\w+ \(match u32 0x0+ 0x0+ at 0\): is gone/,
  ],
  [
    `ip link add x0 type ifb; tc filter del dev $VETH ${onIngress}
     tc filter add dev $VETH ${onIngress} u32 match u32 0 0 action mirred egress redirect dev x0`,
    /filter 28791 on veth\w+ \(match u32 0x0+ 0x0+ at 0\): is redirect to link \d+, should be redirect to bwp/,
  ],
  [
    `tc filter del dev $VETH ${onIngress}
     tc filter add dev $VETH ${onIngress} u32 match u32 0 0 action mirred egress mirror dev $IFB`,
    /filter 28791 on veth\w+ \(match u32 0x0+ 0x0+ at 0\): is other actions, should be redirect to bwp/,
  ],
  ["tc qdisc del dev $IN root", /qdisc tbf on bwi\w+: is gone/, subnets],
  ["ip link del $IN", /link bwi\w+: is gone/, subnets],
  [
    "tc filter del dev $VETH egress protocol ip pref 28788",
    /at 12\): is gone; filter 28788 .*0xc0000200 0xffffff00 at 12\): is gone/,
    subnets,
    false,
  ],
  ["tc filter del dev $VETH egress protocol ipv6 pref 28789", /filter 28789 on veth\w+ .*: is gone/, subnets],
  ["tc filter del dev $VETH ingress protocol ipv6 pref 28789", /filter 28789 on veth\w+ .*: is gone/, subnets],
  [
    "tc filter del dev $VETH ingress protocol ip pref 28788 handle 800::801 u32",
    /filter 28788 on veth\w+ .*: is gone/,
    subnets,
  ],
  [
    `tc filter del dev $VETH ingress protocol ip pref 28788
     tc filter add dev $VETH ingress protocol ip pref 28788 u32 match ip dst 192.0.2.0/24 flowid 0:1
     tc filter add dev $VETH ingress protocol ip pref 28788 u32 match ip dst 10.0.0.0/8 action mirred egress redirect dev $IFB`,
    /filter 28788 on veth\w+ .*: is redirect to link \d+, should be no redirect/,
    subnets,
  ],
];

describe("CHECK notices", () => {
  for (const [line, said, more = {}, mended = true] of mutations)
    test(line, () =>
      withStage(async (s) => {
        const w = await shaped(s, { ...both, ...more });
        const named = (prefix: string): string => ifbs(s).find((l) => l.ifname.startsWith(prefix))?.ifname ?? "";
        s.host.sh(`VETH=${w.veth} IFB=${named("bwp")} IN=${named("bwi")}; ${line}`);
        const { exit, json } = await s.call("CHECK", w.asked, w.call);
        expect(exit).toBe(1);
        expect(String(json.msg)).toMatch(said);
        if (!mended) return;
        s.host.sh(String(json.details));
        expect(await s.call("CHECK", w.asked, w.call)).toMatchObject({ exit: 0 });
      }),
    );
});

test("all differences are told at once", () =>
  withStage(async (s) => {
    const w = await shaped(s, both);
    s.host.sh(
      `tc qdisc del dev ${w.veth} root; tc qdisc del dev ${w.veth} clsact; ip link set ${ifbs(s)[0]?.ifname} down`,
    );
    const { json } = await s.call("CHECK", w.asked, w.call);
    for (const said of [/tbf on veth\w+: is gone/, /clsact on veth\w+: is gone/, /link bwp\w+: is down/])
      expect(String(json.msg)).toMatch(said);
  }));

test("a limit that was not there at ADD is missed, and one that is no longer wanted is not", () =>
  withStage(async (s) => {
    const w = await shaped(s, { ingressRate: both.ingressRate, ingressBurst: both.ingressBurst });
    const { prevResult } = w.asked;
    expect(await s.call("CHECK", { ...shaping(), prevResult }, w.call)).toMatchObject({ exit: 1 });
    expect(await s.call("CHECK", { ...shaping({}), prevResult }, w.call)).toMatchObject({ exit: 0 });
    expect(await s.call("CHECK", shaping(), w.call)).toMatchObject({ exit: 1, json: { code: 7 } });
  }));

test("a burst of more seconds than the kernel can tell is no difference", () =>
  withStage(async (s) => {
    // What containerd gives beside a pod's rate: 2^32 - 1 bits.
    const w = await shaped(s, { ingressRate: 1_000_000, ingressBurst: 4_294_967_295 });
    const line = (burst: number) =>
      `tc qdisc change dev ${w.veth} root handle 7077: tbf rate 1mbit limit 15140 peakrate 100gbit mtu 3028 burst ${burst}`;
    s.host.sh(line(536_870_911));
    expect(await s.call("CHECK", w.asked, w.call)).toMatchObject({ exit: 0 });
    s.host.sh(line(500_000_000));
    expect(await s.call("CHECK", w.asked, w.call)).toMatchObject({ exit: 1 });
  }));
