/** Order of the steps, and which interface of a result is the tuned one. */
import { describe, expect, test } from "bun:test";
import { parseMac } from "../../../base/mac.ts";
import { render } from "../../../net/plan/render.ts";
import { emptyResult } from "../../spec/result.ts";
import type { ResultInterface } from "../../spec/types.ts";
import { parseConfig } from "./parse.ts";
import { placeOf, planRestore, planTuning, sysctlsOf, tunedResult } from "./plan.ts";

const pod = { netns: "/run/netns/pod", ifname: "eth0.7" };
const mac = parseMac("02:42:ac:11:00:02");
const config = parseConfig(
  {
    mac,
    mtu: 1400,
    promisc: true,
    allmulti: false,
    txQLen: 5,
    sysctl: {
      "net.ipv6.conf.all.disable_ipv6": "1",
      "net.ipv6.conf.default.disable_ipv6": "0",
      "net.ipv4.conf.IFNAME.arp_notify": "1",
    },
  },
  { cniVersion: "1.1.0", network: "net1", args: "" },
);
const sysctls = sysctlsOf(config, pod.ifname);

test("one change a step, the link first; what turns IPv6 off comes last", () => {
  const former = { link: { mtu: 1400, promisc: false }, sysctls: {} };
  expect(planTuning(pod, config.link, sysctls, former).map(render)).toEqual([
    `ip -n pod link set dev eth0.7 address ${mac}`,
    "ip -n pod link set dev eth0.7 promisc on",
    "ip -n pod link set dev eth0.7 allmulticast off",
    "ip -n pod link set dev eth0.7 txqueuelen 5",
    "ip netns exec pod sysctl -w net.ipv6.conf.default.disable_ipv6=0",
    "ip netns exec pod sysctl -w net.ipv4.conf.eth0/7.arp_notify=1",
    "ip netns exec pod sysctl -w net.ipv6.conf.all.disable_ipv6=1",
  ]);
});

test("putting back goes the other way round", () => {
  const backup = { link: { mac, mtu: 1500, txqlen: 1000 }, sysctls: { "net/a": "0", "net/b": "x y" }, reads: {} };
  expect(planRestore(pod, backup).map(render)).toEqual([
    "ip netns exec pod sysctl -w 'net.b=x y'",
    "ip netns exec pod sysctl -w net.a=0",
    "ip -n pod link set dev eth0.7 txqueuelen 1000",
    "ip -n pod link set dev eth0.7 mtu 1500",
    `ip -n pod link set dev eth0.7 address ${mac}`,
  ]);
});

describe("the tuned interface of a result", () => {
  const here: ResultInterface = { name: "eth0.7", sandbox: "/run/netns/pod" };
  const spelled: ResultInterface = { name: "eth0.7", sandbox: "/var/run/netns/pod" };
  const bare: ResultInterface = { name: "eth0.7" };
  const cases: readonly (readonly [readonly ResultInterface[], number])[] = [
    [[bare, spelled, here], 2],
    [[bare, spelled], 1],
    [[{ name: "br0" }, bare], 1],
    [[{ name: "eth0", sandbox: "/run/netns/pod" }], -1],
    [[], -1],
  ];
  for (const [interfaces, place] of cases)
    test(JSON.stringify(interfaces), () => {
      expect(placeOf({ ...emptyResult, interfaces }, pod)).toBe(place);
      const tuned = tunedResult({ ...emptyResult, interfaces }, pod, { mac, mtu: 1400 }).interfaces;
      expect(tuned).toEqual(interfaces.map((x, i) => (i === place ? { ...x, mac, mtu: 1400 } : x)));
    });
});
