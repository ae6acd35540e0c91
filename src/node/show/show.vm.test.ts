/** Kinds of links that this machine's kernel may lack, beside `ip -d -j`, in the VM. */
import { expect, test } from "bun:test";
import { withNetns } from "../../kernel/testing/netns.ts";
import { openKernel } from "../../net/kernel.ts";
import { linkDetails } from "./link-details.ts";
import { linkNamer } from "./link-namer.ts";
import { readLinks } from "./links.ts";
import { differences, ipJson } from "./testing/compare.ts";

const KINDS = `
ip link add w0 type veth peer name w1
ip link add w2 type veth peer name w3
ip link add v100 link w0 type vlan id 100
ip link add v7 link w0 type vlan protocol 802.1ad id 7 reorder_hdr off gvrp on ingress-qos-map 1:2 egress-qos-map 3:4
ip link add i0 link w1 type ipvlan mode l3s
ip link add d0 type dummy
ip link add blue type vrf table 1007
ip link set d0 master blue
ip link add m0 link w0 type macvlan mode source
ip link add g0 type geneve id 9 remote 10.0.0.9 ttl 5
ip link add x0 type vxlan id 7 group 239.1.1.1 dev w0 dstport 4789 ttl 4 tos 0x10
ip link add x6 type vxlan id 8 remote fd00::9 dstport 4789 udp6zerocsumrx
ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 7 stp_state 1
ip link set w2 master br0
bridge link set dev w2 isolated on hairpin on cost 7
for l in w0 w1 w2 w3 d0 blue br0; do ip link set $l up; done
`;

test("vlan, ipvlan, dummy, vrf and its ports, macvlan, geneve, vxlan, filtering bridges: every field of ip -d -j", () =>
  withNetns((ns) => {
    ns.sh(KINDS);
    using kernel = openKernel();
    const ours = kernel.open(ns.path);
    const link = linkNamer(ours);
    const rows = readLinks(ours, { of: "link", details: linkDetails({ link }) }, link);
    const theirs = ipJson(ns.sh("ip -d -j link"));
    expect(theirs.length).toBeGreaterThan(12);
    expect(differences(JSON.parse(JSON.stringify(rows)), theirs)).toEqual([]);
  }));
