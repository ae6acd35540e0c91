/** Plans as the lines a person would type. */
import { expect, test } from "bun:test";
import { type Cidr, parseCidr } from "../../../base/cidr.ts";
import { parseIp } from "../../../base/ip.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { parseMac } from "../../../base/mac.ts";
import { render } from "../../../net/plan/render.ts";
import { planPod } from "../../attach/plan-pod.ts";
import type { Request, Result } from "../../spec/types.ts";
import type { BridgeConfig } from "./config.ts";
import { layer3 } from "./layer3.ts";
import { parseConfig } from "./parse.ts";
import { type Chosen, conflicting, planBridge, planGateway, planPodLink, planPort } from "./plan.ts";
import type { Gateway, State } from "./state.ts";

const chosen: Chosen = {
  hostName: "veth1",
  gatewayPort: "veth2",
  hostMac: parseMac("02:00:00:00:00:01"),
  podMac: parseMac("02:00:00:00:00:02"),
  bridgeMac: parseMac("02:00:00:00:00:03"),
  gatewayMac: parseMac("02:00:00:00:00:04"),
  gatewayPortMac: parseMac("02:00:00:00:00:05"),
};
type Before = State & { readonly gateway: Gateway };
const nothing: Before = { gateway: { addresses: [] }, inUse: false };
const bridgeThere = (addresses: readonly string[] = [], more: object = {}): Before => {
  const link = {
    index: 2,
    name: "br0",
    kind: "bridge",
    mtu: 1500,
    up: true,
    operstate: "UP",
    flags: 1,
    group: 0,
  } as const;
  const bridge = { ...link, mac: parseMac("02:00:00:00:00:aa"), ...more };
  return { bridge, gateway: { link: bridge, addresses: addresses.map((a) => parseCidr(a)) }, inUse: false };
};

const request = (raw: JsonObject): Request<BridgeConfig> => ({
  verb: "ADD",
  cniVersion: "1.1.0",
  network: "net1",
  containerId: "pod1",
  netns: "/run/netns/pod",
  ifname: "eth0",
  args: "",
  path: [],
  raw,
  config: parseConfig({ bridge: "br0", ...raw }, { cniVersion: "1.1.0", network: "net1", args: "" }),
});
const ipam = { ipam: { type: "host-local" } };
const given = (ips: readonly (readonly [string, string?])[], routes: Result["routes"] = []): Result => ({
  interfaces: [],
  ips: ips.map(([a, gw]) => ({ address: parseCidr(a), ...(gw && { gateway: parseIp(gw) }) })),
  routes,
  dns: {},
});

const lines = (raw: JsonObject, state: Before, ipamResult?: Result): string[] => {
  const r = request(raw);
  const l3 = ipamResult && layer3(r.config, ipamResult);
  return [
    ...planBridge(r.config, state, chosen),
    ...planPort(r, state, chosen),
    ...(l3
      ? [
          ...planPod(r, l3, r.config.dad ? "detected" : "at once"),
          ...planGateway(r.config, state, state.gateway, l3, chosen),
        ]
      : planPodLink(r)),
  ].map(render);
};

test("a pod on a bridge that does not exist yet", () => {
  const l3 = given([["10.1.2.5/24", "10.1.2.1"], ["fd00:1::5/64"]]);
  expect(lines({ isDefaultGateway: true, mtu: 1400, ...ipam }, nothing, l3)).toEqual([
    "ip link add name br0 address 02:00:00:00:00:03 mtu 1400 type bridge",
    "sysctl -w net.ipv6.conf.br0.accept_ra=0",
    "sysctl -w net.ipv6.conf.br0.accept_dad=0",
    "ip link set dev br0 up",
    "ip link add name veth1 address 02:00:00:00:00:01 mtu 1400 group 628198266 type veth peer name eth0 address 02:00:00:00:00:02 mtu 1400 netns pod",
    "sysctl -w net.ipv6.conf.veth1.accept_ra=0",
    "ip link set dev veth1 alias 'podwire net1/pod1/eth0' group 0 master br0 up",
    "ip netns exec pod sysctl -w net.ipv4.conf.eth0.arp_notify=1",
    "ip -n pod address add 10.1.2.5/24 dev eth0",
    "ip netns exec pod sysctl -w net.ipv6.conf.lo.disable_ipv6=0",
    "ip netns exec pod sysctl -w net.ipv6.conf.eth0.disable_ipv6=0",
    "ip netns exec pod sysctl -w net.ipv6.conf.eth0.keep_addr_on_down=1",
    "ip netns exec pod sysctl -w net.ipv6.conf.eth0.accept_dad=0",
    "ip -n pod link set dev eth0 up",
    "ip -n pod address add fd00:1::5/64 dev eth0 nodad",
    "ip -n pod route append default via 10.1.2.1 dev eth0 proto 112",
    "ip -n pod -6 route append default via fd00:1::1 dev eth0 proto 112",
    "sysctl -w net.ipv4.ip_forward=1",
    "sysctl -w net.ipv6.conf.all.forwarding=1",
    "ip address add 10.1.2.1/24 dev br0",
    "ip address add fd00:1::1/64 dev br0 nodad",
  ]);
});

test("a new bridge's own address is detected first where all are, or where it is no gateway", () => {
  const l3 = given([["fd00:1::5/64"]]);
  for (const raw of [{ isGateway: true, enabledad: true }, {}])
    expect(lines({ ...raw, ...ipam }, nothing, l3).filter((l) => l.includes("conf/br0/accept_dad"))).toEqual([]);
});

test("a pod on a bridge that is as it should be changes nothing of it", () => {
  const steps = lines({ isGateway: true, ...ipam }, bridgeThere(["10.1.2.1/24"]), given([["10.1.2.5/24"]]));
  expect(steps.filter((line) => line.includes("br0"))).toEqual([
    "sysctl -w net.ipv6.conf.br0.accept_ra=0",
    "ip link set dev veth1 alias 'podwire net1/pod1/eth0' group 0 master br0 up",
  ]);
});

test("a bridge that is down, not promiscuous and of another MTU is brought to what the config wants", () => {
  const wanted = { promiscMode: true, mtu: 1400 };
  const bridge = (state: Before) => lines(wanted, state).filter((l) => l.startsWith("ip link set dev br0"));
  expect(bridge(bridgeThere([], { up: false }))).toEqual(["ip link set dev br0 mtu 1400 promisc on up"]);
  expect(bridge({ ...bridgeThere([]), inUse: true })).toEqual(["ip link set dev br0 promisc on"]);
});

test("an address in the way is taken off, and the bridge's MAC pinned before the gateway comes", () => {
  const raw = { isGateway: true, forceAddress: true, ...ipam };
  expect(lines(raw, bridgeThere(["10.7.7.1/24"]), given([["10.1.2.5/24"]])).slice(-3)).toEqual([
    "ip address del 10.7.7.1/24 dev br0",
    "ip link set dev br0 address 02:00:00:00:00:aa",
    "ip address add 10.1.2.1/24 dev br0",
  ]);
});

test("a bridge without a MAC is given one with the gateway", () => {
  const state = bridgeThere([], { mac: parseMac("00:00:00:00:00:00") });
  expect(lines({ isGateway: true, ...ipam }, state, given([["10.1.2.5/24"]]))).toContain(
    "ip link set dev br0 address 02:00:00:00:00:03",
  );
});

const vlanLines = (raw: JsonObject, state: Before = nothing): string[] =>
  lines(raw, state).filter((l) => l.startsWith("bridge vlan") || l.includes("vlan_filtering"));

test("an access VLAN: the bridge filters, and its default VLAN is taken off the port", () => {
  expect(vlanLines({ vlan: 100 })).toEqual([
    "ip link add name br0 address 02:00:00:00:00:03 type bridge vlan_filtering 1",
    "bridge vlan del dev veth1 vid 1",
    "bridge vlan add dev veth1 vid 100 pvid untagged",
  ]);
});

test("the default VLAN taken off is the bridge's own, and stays when it is to stay", () => {
  const state = bridgeThere([], { info: { kind: "bridge", data: { vlanFiltering: 1, vlanDefaultPvid: 7 } } });
  expect(vlanLines({ vlan: 100 }, state)[0]).toBe("bridge vlan del dev veth1 vid 7");
  expect(vlanLines({ vlan: 7 }, state)).toEqual(["bridge vlan add dev veth1 vid 7 pvid untagged"]);
  expect(vlanLines({ vlan: 100, preserveDefaultVlan: true }, state)).toEqual([
    "bridge vlan add dev veth1 vid 100 pvid untagged",
  ]);
});

test("a trunk: ranges as they are, and the access VLAN stays untagged within them", () => {
  expect(vlanLines({ vlanTrunk: [{ minID: 10, maxID: 20 }, { id: 30 }] }).slice(1)).toEqual([
    "bridge vlan del dev veth1 vid 1",
    "bridge vlan add dev veth1 vid 10-20",
    "bridge vlan add dev veth1 vid 30",
  ]);
  expect(vlanLines({ vlan: 15, vlanTrunk: [{ minID: 10, maxID: 16 }, { id: 15 }] }).slice(2)).toEqual([
    "bridge vlan add dev veth1 vid 15 pvid untagged",
    "bridge vlan add dev veth1 vid 10-14",
    "bridge vlan add dev veth1 vid 16",
  ]);
});

test("the gateway of a VLAN is a veth with its port in that VLAN, made once", () => {
  const raw = { vlan: 100, isGateway: true, ...ipam };
  const steps = lines(raw, nothing, given([["10.1.2.5/24"]]));
  expect(steps.slice(steps.findIndex((l) => l.includes("veth2")))).toEqual([
    "ip link add name veth2 address 02:00:00:00:00:05 type veth peer name br0.100 address 02:00:00:00:00:04",
    "sysctl -w net.ipv6.conf.veth2.accept_ra=0",
    "sysctl -w net.ipv6.conf.br0/100.accept_ra=0",
    "sysctl -w net.ipv6.conf.br0/100.accept_dad=0",
    "ip link set dev veth2 alias 'podwire gateway br0.100' master br0 up",
    "bridge vlan del dev veth2 vid 1",
    "bridge vlan add dev veth2 vid 100 pvid untagged",
    "ip link set dev br0.100 alias 'podwire gateway br0.100' up",
    "sysctl -w net.ipv4.ip_forward=1",
    "ip address add 10.1.2.1/24 dev br0.100",
  ]);
  const there = { ...bridgeThere(["10.1.2.1/24"]) };
  expect(lines(raw, there, given([["10.1.2.5/24"]])).filter((l) => /veth2|br0\.100/.test(l))).toEqual([]);
  const unfinished = { ...there, gateway: { ...there.gateway, unfinishedPort: "veth9" } };
  const finishing = lines(raw, unfinished, given([["10.1.2.5/24"]])).filter((l) => /dev (veth9|br0\.100)/.test(l));
  expect(finishing).toEqual([
    "ip link set dev veth9 alias 'podwire gateway br0.100' master br0 up",
    "bridge vlan del dev veth9 vid 1",
    "bridge vlan add dev veth9 vid 100 pvid untagged",
    "ip link set dev br0.100 alias 'podwire gateway br0.100' up",
  ]);
});

test("an IPAM plugin that gives no address is told so", () => {
  expect(() => layer3(request(ipam).config, given([]))).toThrow("gave no address");
});

test("a gateway is found in every subnet that has room for one, and refused where there is none", () => {
  const gateway = (address: string) =>
    layer3(request({ isGateway: true, ...ipam }).config, given([[address]])).gateways;
  const text = (all: readonly Cidr[]) => all.map((c) => `${c.ip}/${c.prefix}`);
  expect(text(gateway("10.1.2.5/24"))).toEqual(["10.1.2.1/24"]);
  expect(text(gateway("10.1.2.4/31"))).toEqual(["10.1.2.5/31"]);
  for (const address of ["10.1.2.1/24", "10.1.2.5/31", "10.1.2.5/32", "fd00::5/128"])
    expect(() => gateway(address)).toThrow("leaves no address for a gateway");
});

test("a default route is added for each family that has none with a gateway", () => {
  const anywhere = parseCidr("0.0.0.0/0");
  const both = [
    ["10.1.2.5/24", "10.1.2.1"],
    ["fd00:1::5/64", "fd00:1::1"],
  ] as const;
  const config = request({ isDefaultGateway: true, ...ipam }).config;
  const routes = (r: Result["routes"]) => layer3(config, given(both, r)).routes.map((x) => `${x.dst.ip} ${x.gw}`);
  expect(routes([])).toEqual(["0.0.0.0 10.1.2.1", ":: fd00:1::1"]);
  expect(routes([{ dst: anywhere, gw: parseIp("10.1.2.9") }])).toEqual(["0.0.0.0 10.1.2.9", ":: fd00:1::1"]);
  expect(routes([{ dst: anywhere }])).toEqual(["0.0.0.0 undefined", "0.0.0.0 10.1.2.1", ":: fd00:1::1"]);
});

test("any other IPv4 address is in the gateway's way, of IPv6 only one that overlaps", () => {
  const there = ["10.1.2.1/24", "10.7.0.1/16", "fd00:1::9/64", "fd00:2::1/64"].map((a) => parseCidr(a));
  const wanted = ["10.1.2.1/24", "fd00:1::1/64"].map((a) => parseCidr(a));
  expect(conflicting(there, wanted).map((c) => String(c.ip))).toEqual(["10.7.0.1", "fd00:1::9"]);
});
