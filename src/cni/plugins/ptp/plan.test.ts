/** Plans as the lines a person would type. */
import { expect, test } from "bun:test";
import { parseCidr } from "../../../base/cidr.ts";
import { parseIp } from "../../../base/ip.ts";
import { render } from "../../../net/plan/render.ts";
import type { Step } from "../../../net/plan/step.ts";
import type { ResultIp, ResultRoute } from "../../spec/types.ts";
import { pairsOf, planForwardingLink, planHost, planPointPod, planRouter } from "./plan.ts";

const pod = { netns: "/run/netns/pod", ifname: "eth0" };
const ips = (...list: readonly (readonly [string, string])[]): ResultIp[] =>
  list.map(([a, gw]) => ({ address: parseCidr(a), gateway: parseIp(gw), interface: 1 }));
/** Sysctls left out: they are those of every pod. */
const podLines = (of: ResultIp[], routes: readonly ResultRoute[] = []): string[] =>
  lines(planPointPod(pod, { ips: of, routes }, pairsOf(of, "ipam"))).filter((l) => !l.includes("sysctl"));
const hostLines = (of: ResultIp[]): string[] => lines(planHost("veth1", pairsOf(of, "ipam")));
const lines = (steps: readonly Step[]): string[] => steps.map(render);

test("the pod's one neighbour is the gateway, by which its subnet goes", () => {
  expect(podLines(ips(["10.1.2.2/24", "10.1.2.1"], ["fd00:1::2/64", "fd00:1::1"]))).toEqual([
    "ip -n pod address add 10.1.2.2/24 dev eth0",
    "ip -n pod link set dev eth0 up",
    "ip -n pod address add fd00:1::2/64 dev eth0 nodad",
    "ip -n pod route append 10.1.2.1/32 dev eth0 proto 112 src 10.1.2.2",
    "ip -n pod -6 route append fd00:1::1/128 dev eth0 proto 112 src fd00:1::2",
    "ip -n pod route del 10.1.2.0/24 dev eth0 proto 2 src 10.1.2.2",
    "ip -n pod route append 10.1.2.0/24 via 10.1.2.1 dev eth0 proto 112 src 10.1.2.2",
    "ip -n pod -6 route del fd00:1::/64 dev eth0 proto 2 metric 256",
    "ip -n pod -6 route append fd00:1::/64 via fd00:1::1 dev eth0 proto 112 src fd00:1::2",
  ]);
});

test("the IPAM plugin's routes come while the subnet is still at hand, what is made anyway not again", () => {
  const routes = [
    { dst: parseCidr("0.0.0.0/0") },
    { dst: parseCidr("10.1.2.0/24") },
    { dst: parseCidr("192.168.0.0/16"), gw: parseIp("10.1.2.77") },
    { dst: parseCidr("10.1.2.0/24"), table: 77 },
  ];
  expect(podLines(ips(["10.1.2.2/24", "10.1.2.1"]), routes).slice(2)).toEqual([
    "ip -n pod route append 10.1.2.1/32 dev eth0 proto 112 src 10.1.2.2",
    "ip -n pod route append default via 10.1.2.1 dev eth0 proto 112",
    "ip -n pod route append 192.168.0.0/16 via 10.1.2.77 dev eth0 proto 112",
    "ip -n pod route append 10.1.2.0/24 via 10.1.2.1 dev eth0 table 77 proto 112",
    "ip -n pod route del 10.1.2.0/24 dev eth0 proto 2 src 10.1.2.2",
    "ip -n pod route append 10.1.2.0/24 via 10.1.2.1 dev eth0 proto 112 src 10.1.2.2",
  ]);
});

test("two addresses of one subnet share what they have in common", () => {
  const both = ips(["10.1.2.2/24", "10.1.2.1"], ["10.1.2.3/24", "10.1.2.1"]);
  expect(podLines(both).filter((l) => l.includes("route"))).toEqual([
    "ip -n pod route append 10.1.2.1/32 dev eth0 proto 112 src 10.1.2.2",
    "ip -n pod route del 10.1.2.0/24 dev eth0 proto 2 src 10.1.2.2",
    "ip -n pod route append 10.1.2.0/24 via 10.1.2.1 dev eth0 proto 112 src 10.1.2.2",
  ]);
  expect(hostLines(both)).toEqual([
    "ip address add 10.1.2.1/32 dev veth1",
    "ip route add 10.1.2.2/32 dev veth1 proto 112 scope 254",
    "ip route add 10.1.2.3/32 dev veth1 proto 112 scope 254",
  ]);
});

test("an address that is its whole subnet has only the gateway", () => {
  expect(podLines(ips(["10.1.2.2/32", "169.254.1.1"])).slice(2)).toEqual([
    "ip -n pod route append 169.254.1.1/32 dev eth0 proto 112 src 10.1.2.2",
  ]);
});

test("the host's end gets the gateways and a route to each address", () => {
  expect(hostLines(ips(["10.1.2.2/24", "10.1.2.1"], ["fd00:1::2/64", "fd00:1::1"]))).toEqual([
    "ip address add 10.1.2.1/32 dev veth1",
    "ip address add fd00:1::1/128 dev veth1 nodad",
    "ip route add 10.1.2.2/32 dev veth1 proto 112 scope 254",
    "ip -6 route add fd00:1::2/128 dev veth1 proto 112",
  ]);
});

test("the host forwards the families that the pod has, and no other", () => {
  const v4 = pairsOf(ips(["10.1.2.2/24", "10.1.2.1"]), "ipam");
  const v6 = pairsOf(ips(["fd00:1::2/64", "fd00:1::1"]), "ipam");
  expect(lines([...planRouter(v4), ...planForwardingLink("veth1", v4)])).toEqual([
    "sysctl -w net.ipv4.ip_forward=1",
    "sysctl -w net.ipv4.conf.veth1.forwarding=1",
  ]);
  expect(lines([...planRouter(v6), ...planForwardingLink("veth1", v6)])).toEqual([
    "sysctl -w net.ipv6.conf.all.forwarding=1",
  ]);
});

test("an address without a gateway, or with itself as one, is refused with what to do", () => {
  const address = parseCidr("10.1.2.2/24");
  expect(() => pairsOf([{ address }], "ipam")).toThrow("ipam: 10.1.2.2/24 comes without a gateway");
  expect(() => pairsOf([{ address, gateway: address.ip }], "ipam")).toThrow("has itself as its gateway");
});
