/** What `ip` and `bridge` 6.1 sent to the kernel, byte for byte, read and written again. */
import { expect, test } from "bun:test";
import { hex, unhex } from "../../../base/bytes.ts";
import { reads } from "../testing/captured.ts";
import { address } from "./address.ts";
import { bridgeAfSpec, link } from "./link.ts";
import { neighbour } from "./neighbour.ts";
import { route } from "./route.ts";
import { rule } from "./rule.ts";

const linkHead = { family: 0, type: 0, index: 0, flags: 0, change: 0 };

test("ip link add vx0 type vxlan id 42 local 10.0.0.1 dstport 4789 nolearning", () => {
  expect(
    reads(
      link,
      "5c000000 1000 0506 9f16046b 00000000", // RTM_NEWLINK, request ack excl create
      "00 00 0000 00000000 00000000 00000000", // ifinfomsg
      "0800 0300 76783000", // IFLA_IFNAME vx0
      "3400 1200", // IFLA_LINKINFO
      "0900 0100 76786c616e 000000", //   IFLA_INFO_KIND vxlan, without a terminator
      "2400 0200", //   IFLA_INFO_DATA
      "0800 0100 2a000000", //     IFLA_VXLAN_ID
      "0800 0400 0a000001", //     IFLA_VXLAN_LOCAL
      "0500 0700 00 000000", //     IFLA_VXLAN_LEARNING
      "0600 0f00 12b5 0000", //     IFLA_VXLAN_PORT, big-endian
    ),
  ).toEqual({
    type: 16,
    flags: 0x605,
    value: {
      ...linkHead,
      ifname: "vx0",
      linkinfo: { kind: "vxlan", data: { id: 42, local: "10.0.0.1", learning: 0, port: 4789 } },
    },
  });
});

test("ip link add red type vrf table 1010", () => {
  expect(
    reads(
      link,
      "40000000 1000 0506 08b00a6b 00000000", // RTM_NEWLINK, request ack excl create
      "00 00 0000 00000000 00000000 00000000", // ifinfomsg
      "0800 0300 72656400", // IFLA_IFNAME red
      "1800 1200 0700 0100 767266 00", // IFLA_LINKINFO, IFLA_INFO_KIND vrf
      "0c00 0200", //   IFLA_INFO_DATA
      "0800 0100 f2030000", //     IFLA_VRF_TABLE
    ).value,
  ).toEqual({ ...linkHead, ifname: "red", linkinfo: { kind: "vrf", data: { table: 1010 } } });
});

test("ip link add v0 mtu 1400 type veth peer name v1: the peer is a link of its own inside the kind's data", () => {
  expect(
    reads(
      link,
      "5c000000 1000 0506 9f16046b 00000000",
      "00 00 0000 00000000 00000000 00000000",
      "0800 0400 78050000", // IFLA_MTU
      "0700 0300 763000 00", // IFLA_IFNAME v0
      "2c00 1200 0800 0100 76657468", // IFLA_LINKINFO, IFLA_INFO_KIND veth
      "2000 0200 1c00 0100", // IFLA_INFO_DATA, VETH_INFO_PEER
      "00 00 0000 00000000 00000000 00000000", //   ifinfomsg of the peer
      "0700 0300 763100 00", //   IFLA_IFNAME v1
    ).value,
  ).toEqual({
    ...linkHead,
    mtu: 1400,
    ifname: "v0",
    linkinfo: { kind: "veth", data: { peer: { ...linkHead, ifname: "v1" } } },
  });
});

test("ip link set v0 alias pod: an alias has no terminator", () => {
  const bytes = [
    "28000000 1000 0500 9f16046b 00000000",
    "00 00 0000 05000000 00000000 00000000",
    "0700 1400 706f64 00",
  ];
  expect(reads(link, ...bytes).value).toEqual({ ...linkHead, index: 5, ifalias: "pod" });
  expect(hex(link.write({ index: 5, ifalias: "pod" }))).toBe(hex(unhex(bytes.join("")).slice(16)));
  expect(hex(link.write({ ifalias: "" }).slice(16))).toBe("04001400");
});

test("ip address add 10.0.0.1/24 dev br0", () => {
  expect(
    reads(
      address,
      "28000000 1400 0506 9f16046b 00000000", // RTM_NEWADDR
      "02 18 00 00 02000000", // ifaddrmsg: AF_INET, /24, flags, scope, index
      "0800 0200 0a000001", // IFA_LOCAL
      "0800 0100 0a000001", // IFA_ADDRESS
    ),
  ).toEqual({
    type: 20,
    flags: 0x605,
    value: { family: 2, prefixlen: 24, flags: 0, scope: 0, index: 2, local: "10.0.0.1", address: "10.0.0.1" },
  });
});

const routeHead = { family: 2, srcLen: 0, tos: 0, flags: 0, type: 1, tableLow: 254 };

test("ip route replace 10.1.2.0/24 proto 112 dev br0 mtu lock 1400", () => {
  expect(
    reads(
      route,
      "40000000 1800 0505 9f16046b 00000000", // RTM_NEWROUTE, request ack replace create
      "02 18 00 00 fe 70 fd 01 00000000", // rtmsg: dst /24, table main, proto 112, scope link, unicast
      "0800 0100 0a010200", // RTA_DST
      "0800 0400 02000000", // RTA_OIF
      "1400 0800 0800 0200 78050000 0800 0100 04000000", // RTA_METRICS: RTAX_MTU 1400, RTAX_LOCK
    ),
  ).toEqual({
    type: 24,
    flags: 0x505,
    value: {
      ...routeHead,
      dstLen: 24,
      protocol: 112,
      scope: 253,
      dst: "10.1.2.0",
      oif: 2,
      metrics: { mtu: 1400, mtuLock: 4 },
    },
  });
});

test("ip route append 10.9.0.0/24 nexthop ... weight 3 nexthop ...", () => {
  expect(
    reads(
      route,
      "48000000 1800 050c 9f16046b 00000000",
      "02 18 00 00 fe 70 00 01 00000000",
      "0800 0100 0a090000",
      "2400 0900", // RTA_MULTIPATH
      "1000 00 02 02000000 0800 0500 0a000002", //   rtnexthop: 16 bytes, weight 3, oif 2; RTA_GATEWAY
      "1000 00 00 02000000 0800 0500 0a000003", //   rtnexthop: weight 1
    ).value,
  ).toEqual({
    ...routeHead,
    dstLen: 24,
    protocol: 112,
    scope: 0,
    dst: "10.9.0.0",
    multipath: [
      { flags: 0, hops: 2, ifindex: 2, gateway: "10.0.0.2" },
      { flags: 0, hops: 0, ifindex: 2, gateway: "10.0.0.3" },
    ],
  });
});

test("ip route add 10.5.0.0/24 via inet6 fe80::9: a gateway of the other family", () => {
  expect(
    reads(
      route,
      "44000000 1800 0506 9f16046b 00000000",
      "02 18 00 00 fe 03 00 01 00000000",
      "0800 0100 0a050000",
      "1600 1200 0a00 fe800000000000000000000000000009 0000", // RTA_VIA: AF_INET6
      "0800 0400 02000000",
    ).value,
  ).toEqual({
    ...routeHead,
    dstLen: 24,
    protocol: 3,
    scope: 0,
    dst: "10.5.0.0",
    oif: 2,
    via: { family: 10, ip: "fe80::9" },
  });
});

test("ip rule add from 10.0.0.0/8 fwmark 0x10/0xff table 1000 priority 500 protocol 112", () => {
  expect(
    reads(
      rule,
      "4c000000 2000 0506 9f16046b 00000000", // RTM_NEWRULE
      "02 00 08 00 00 00 00 01 00000000", // fib_rule_hdr: src /8, FR_ACT_TO_TBL
      "0800 0200 0a000000", // FRA_SRC
      "0800 0a00 10000000", // FRA_FWMARK
      "0800 1000 ff000000", // FRA_FWMASK
      "0800 0f00 e8030000", // FRA_TABLE
      "0800 0600 f4010000", // FRA_PRIORITY
      "0500 1500 70 000000", // FRA_PROTOCOL
    ).value,
  ).toEqual({
    family: 2,
    dstLen: 0,
    srcLen: 8,
    tos: 0,
    tableLow: 0,
    action: 1,
    flags: 0,
    src: "10.0.0.0",
    fwmark: 0x10,
    fwmask: 0xff,
    table: 1000,
    priority: 500,
    protocol: 112,
  });
});

test("ip neighbour replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev br0 nud permanent", () => {
  expect(
    reads(
      neighbour,
      "30000000 1c00 0505 a016046b 00000000", // RTM_NEWNEIGH
      "02 00 0000 02000000 8000 00 00", // ndmsg: AF_INET, index 2, NUD_PERMANENT
      "0800 0100 0a000002", // NDA_DST
      "0a00 0200 020000000002 0000", // NDA_LLADDR
    ).value,
  ).toEqual({ family: 2, ifindex: 2, state: 128, flags: 0, type: 0, dst: "10.0.0.2", lladdr: "02:00:00:00:00:02" });
});

test("bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.7 self permanent", () => {
  expect(
    reads(
      neighbour,
      "30000000 1c00 050c a016046b 00000000",
      "07 00 0000 03000000 c000 02 00", // ndmsg: AF_BRIDGE, index 3, NUD_NOARP | NUD_PERMANENT, NTF_SELF
      "0a00 0200 000000000000 0000",
      "0800 0100 0a000007",
    ).value,
  ).toEqual({ family: 7, ifindex: 3, state: 0xc0, flags: 2, type: 0, lladdr: "00:00:00:00:00:00", dst: "10.0.0.7" });
});

test("bridge vlan add dev v0 vid 100-110 untagged: a range is two entries", () => {
  const { type, value } = reads(
    link,
    "34000000 1300 0500 a016046b 00000000", // RTM_SETLINK
    "07 00 0000 05000000 00000000 00000000", // AF_BRIDGE
    "1400 1a00", // IFLA_AF_SPEC
    "0800 0200 0c00 6400", //   IFLA_BRIDGE_VLAN_INFO: untagged, range begin, 100
    "0800 0200 1400 6e00", //   untagged, range end, 110
  );
  expect(type).toBe(19);
  expect(bridgeAfSpec.read((value as { afSpec: Uint8Array }).afSpec)).toEqual({
    vlans: [
      { flags: 12, vid: 100 },
      { flags: 20, vid: 110 },
    ],
  });
});

test("bridge vlan add dev br0 vid 7 pvid self: the flags of the bridge come first", () => {
  const { value } = reads(
    link,
    "34000000 1300 0500 a016046b 00000000",
    "07 00 0000 02000000 00000000 00000000",
    "1400 1a00",
    "0600 0000 0200 0000", //   IFLA_BRIDGE_FLAGS: BRIDGE_FLAGS_SELF
    "0800 0200 0200 0700", //   IFLA_BRIDGE_VLAN_INFO: pvid, 7
  );
  const { afSpec } = value as { afSpec: Uint8Array };
  expect(bridgeAfSpec.read(afSpec)).toEqual({ bridgeFlags: 2, vlans: [{ flags: 2, vid: 7 }] });
  expect(bridgeAfSpec.write({ bridgeFlags: 2, vlans: [{ flags: 2, vid: 7 }] })).toEqual(afSpec);
});

test("bridge link set dev v0 hairpin on isolated on", () => {
  expect(
    reads(
      link,
      "34000000 1300 0500 a016046b 00000000",
      "07 00 0000 05000000 00000000 00000000",
      "1400 0c80", // IFLA_PROTINFO, nested
      "0500 0400 01 000000", //   IFLA_BRPORT_MODE: hairpin
      "0500 2100 01 000000", //   IFLA_BRPORT_ISOLATED
    ).value,
  ).toEqual({ ...linkHead, family: 7, index: 5, protinfo: { hairpin: 1, isolated: 1 } });
});
