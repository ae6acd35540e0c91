/** An example of every kind of step, on the ground that plan.ns.test.ts lays. */
import { parseCidr } from "../../../base/cidr.ts";
import { parseIp } from "../../../base/ip.ts";
import { parseMac } from "../../../base/mac.ts";
import type { StepName, Steps } from "../step.ts";
import { tcCases } from "./tc-cases.ts";

const ip = parseIp;
const cidr = parseCidr;
const mac = parseMac;

type Case<K extends StepName> = Steps[K];
export type Others = { readonly other: string };

/**
 * Total over the steps: a new kind of step must come with an example here. Not `nft`, another program than `ip`:
 * see net/nft; nor `tun.add`, where a MAC by chance is in what is compared: see net/tuns.ns.test.ts.
 */
export const cases: { readonly [K in Exclude<StepName, "nft" | "tun.add">]: (o: Others) => readonly Case<K>[] } = {
  "link.add": ({ other }) => [
    { link: { name: "n0", info: { kind: "bridge" }, mac: mac("02:00:00:00:03:00"), mtu: 1400, up: true } },
    {
      link: {
        name: "n1",
        mac: mac("02:00:00:00:03:01"),
        info: {
          kind: "bridge",
          data: { forwardDelay: 400, ageingTime: 100, stpState: 1, mcastSnooping: 0, priority: 100, helloTime: 100 },
        },
      },
    },
    {
      link: {
        name: "n2",
        info: { kind: "veth" },
        mac: mac("02:00:00:00:03:02"),
        mtu: 1300,
        up: true,
        master: "br0",
        alias: "podwire it's $HOME `id` 한국어",
        peer: { name: "n3", mac: mac("02:00:00:00:03:03"), mtu: 1280 },
      },
    },
    {
      link: {
        name: "n4",
        info: { kind: "veth" },
        mac: mac("02:00:00:00:03:04"),
        peer: { name: "eth0", mac: mac("02:00:00:00:03:05"), netns: other },
      },
    },
    { link: { name: "n5", lower: "w0", mac: mac("02:00:00:00:03:06"), info: { kind: "macvlan", data: { mode: 4 } } } },
    { link: { name: "n6", lower: "w0", mac: mac("02:00:00:00:03:07"), info: { kind: "macvlan", data: { mode: 1 } } } },
    {
      link: {
        name: "n7",
        mac: mac("02:00:00:00:03:08"),
        group: 7,
        lower: "br0",
        info: {
          kind: "vxlan",
          data: {
            id: 7,
            local: ip("10.0.0.1"),
            group: ip("239.1.1.1"),
            port: 8472,
            l2miss: 1,
            ttl: 5,
            learning: 1,
            ageing: 100,
          },
        },
      },
    },
    {
      link: {
        name: "n8",
        mac: mac("02:00:00:00:03:09"),
        info: { kind: "vxlan", data: { id: 8, local: ip("fd00::1"), port: 4790, learning: 0, proxy: 1, udpCsum: 0 } },
      },
    },
    {
      link: {
        name: "eth0",
        lower: "w0",
        netns: other,
        mac: mac("02:00:00:00:03:0b"),
        mtu: 1300,
        alias: "podwire net1/pod/eth0",
        info: { kind: "macvlan", data: { mode: 4, bcQueueLen: 5000 } },
      },
    },
    { link: { name: "$(x)", mac: mac("02:00:00:00:03:0a"), info: { kind: "bridge" } } },
  ],
  "link.set": ({ other }) => [
    { name: "w0", set: { mtu: 1400, mac: mac("02:00:00:00:04:00"), alias: "podwire pod", group: 7, promisc: true } },
    { name: "w0", set: { allmulti: true, txqlen: 77 } },
    { name: "w1", set: { txqlen: 0, allmulti: false, promisc: true } },
    { name: "w0", set: { master: "br0", up: true } },
    { name: "w0", set: { up: false, name: "renamed" } },
    { name: "v0", set: { master: null, alias: "" } },
    { name: "w1", set: { netns: other, name: "eth9" } },
  ],
  "link.del": () => [{ name: "w0" }, { name: "br0" }],
  "port.set": () => [
    { name: "v0", set: { hairpin: true, isolated: true } },
    { name: "v0", set: { learning: false } },
  ],
  "vlan.add": () => [{ vlan: { link: "v0", vid: 100, end: 110, untagged: true } }, { vlan: { link: "v0", vid: 7 } }],
  "vlan.del": () => [{ vlan: { link: "v0", vid: 1 } }],
  "address.add": () => [
    { address: { link: "w0", address: cidr("10.7.0.1/24") } },
    { address: { link: "w0", address: cidr("10.7.0.1/24"), broadcast: ip("10.7.0.255"), noprefixroute: true } },
    { address: { link: "w0", address: cidr("10.7.0.1/32"), scope: 253 } },
    { address: { link: "w0", address: cidr("10.7.0.1/32"), peer: cidr("10.7.0.2/32") } },
    { address: { link: "lo", address: cidr("127.9.0.1/8") } },
    { address: { link: "w0", address: cidr("fd07::1/64"), nodad: true } },
    { address: { link: "w0", address: cidr("fd07::1/128"), noprefixroute: true } },
  ],
  "address.del": () => [
    { address: { link: "br0", address: cidr("fd00::1/64") } },
    { address: { link: "w1", address: cidr("10.50.0.1/24") } },
  ],
  "route.add": () => [
    { route: { dst: cidr("10.1.0.0/24"), gw: ip("10.0.0.2"), mtu: 1300, advmss: 1200, priority: 7 } },
    { route: { dst: cidr("10.1.0.0/24"), link: "br0", src: ip("10.0.0.1") } },
    { route: { dst: cidr("0.0.0.0/0"), gw: ip("10.0.0.2"), link: "br0", table: 1000, protocol: 4 } },
    { route: { dst: cidr("10.1.0.0/24"), gw: ip("192.0.2.1"), link: "br0", onlink: true } },
    { route: { dst: cidr("10.1.0.0/24"), type: "blackhole" } },
    { route: { dst: cidr("10.1.0.0/24"), type: "unreachable", priority: 9 } },
    { route: { dst: cidr("10.1.0.0/24"), type: "local", link: "lo" } },
    { route: { dst: cidr("10.1.0.0/24"), gw: ip("fd00::9"), link: "br0" } },
    {
      route: {
        dst: cidr("10.1.0.0/24"),
        nexthops: [
          { gw: ip("10.0.0.2"), weight: 3 },
          { gw: ip("10.0.0.3"), link: "br0" },
        ],
      },
    },
    {
      route: {
        dst: cidr("10.1.0.0/24"),
        onlink: true,
        nexthops: [
          { gw: ip("192.0.2.1"), link: "br0" },
          { gw: ip("192.0.2.2"), link: "w0" },
        ],
      },
    },
    { route: { dst: cidr("fd01::/64"), gw: ip("fd00::2") } },
    { route: { dst: cidr("fd01::/64"), link: "w0", priority: 5, table: 300 } },
    { route: { dst: cidr("::/0"), gw: ip("fe80::1"), link: "br0" } },
    { route: { dst: cidr("fd01::/64"), type: "unreachable" } },
    { route: { dst: cidr("fd01::/64"), nexthops: [{ gw: ip("fd00::2"), weight: 2 }, { gw: ip("fd00::3") }] } },
  ],
  "route.replace": () => [
    { route: { dst: cidr("10.1.0.0/24"), gw: ip("10.0.0.2") } },
    { route: { dst: cidr("10.0.0.0/24"), link: "w0", scope: 253, mtu: 1000 } },
    { route: { dst: cidr("fd00::/64"), link: "w0", priority: 256 } },
  ],
  "route.append": () => [
    { route: { dst: cidr("10.0.0.0/24"), link: "w0" } },
    { route: { dst: cidr("fd00::/64"), gw: ip("fd00::7"), priority: 256 } },
  ],
  "route.del": () => [{ route: { dst: cidr("10.50.0.0/24"), link: "w1", protocol: 2, src: ip("10.50.0.1") } }],
  "rule.add": () => [
    { rule: { family: 4, table: 1000, priority: 500, from: cidr("10.0.0.0/8"), mark: 16, mask: 255 } },
    { rule: { family: 4, table: 100, priority: 501, to: cidr("10.9.0.0/16"), iif: "br0", mark: 1 } },
    { rule: { family: 6, table: 300, priority: 502, oif: "w0", protocol: 4, invert: true } },
    { rule: { family: 4, table: 254, priority: 503, suppressPrefixlen: 0 } },
    { rule: { family: 6, table: 100, priority: 504, from: cidr("fd00::5/128"), suppressIfgroup: 0x7fff_fffe } },
  ],
  "rule.del": () => [{ rule: { family: 4, table: 253, priority: 32767, protocol: 2 } }],
  "neighbour.replace": () => [
    { neighbour: { ip: ip("10.0.0.2"), link: "br0", mac: mac("02:00:00:00:05:02") } },
    { neighbour: { ip: ip("10.0.0.9"), link: "br0", mac: mac("02:00:00:00:05:09") } },
    { neighbour: { ip: ip("fd00::2"), link: "br0", mac: mac("02:00:00:00:05:02") } },
  ],
  "neighbour.del": () => [{ neighbour: { ip: ip("10.0.0.9"), link: "br0" } }],
  "fdb.append": () => [
    { fdb: { mac: mac("00:00:00:00:00:00"), link: "vx0", dst: ip("10.0.0.7"), self: true, permanent: true } },
    { fdb: { mac: mac("02:00:00:00:06:01"), link: "vx0", dst: ip("10.0.0.8"), self: true } },
    { fdb: { mac: mac("02:00:00:00:06:02"), link: "v0" } },
    { fdb: { mac: mac("02:00:00:00:06:03"), link: "v0", permanent: true } },
  ],
  "fdb.del": () => [{ fdb: { mac: mac("02:00:00:00:00:00"), link: "v0", permanent: true } }],
  ...tcCases,
  "sysctl.set": () => [
    { name: "net/ipv4/ip_forward", value: "1" },
    { name: "net/ipv4/conf/w0/rp_filter", value: "2" },
    { name: "net/ipv4/ping_group_range", value: "0 10" },
  ],
  "netns.add": ({ other }) => [{ path: `${other}x` }],
  "netns.del": ({ other }) => [{ path: other }],
};
