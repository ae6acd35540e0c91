/** A namespace with one of everything in it, made by `ip` and `bridge`: what our lists are held against. */
import { type TestNetns, withNetns } from "../../kernel/testing/netns.ts";
import { type Netns, openKernel } from "../kernel.ts";

/** One of everything that a namespace can hold. */
const RICH = `
sysctl -q -w net.ipv6.conf.default.accept_dad=0
ip link set lo up
ip link add br0 type bridge
ip link add v0 mtu 1400 type veth peer name v1
ip link add long-name-of-15 type veth peer name w1
ip link set v0 master br0 alias 'podwire it is "quoted" 한국어'
ip link add vx0 type vxlan id 42 local 10.0.0.1 dstport 4789 nolearning
ip link add mv0 link v1 type macvlan mode bridge
ip link set mv0 group 7
ip link add ifb0 type ifb
for l in br0 v0 v1 mv0 vx0; do ip link set $l up; done
ip address add 10.0.0.1/24 brd + dev br0
ip address add 10.0.0.2/24 dev br0
ip address add 10.9.0.1 peer 10.9.0.2/32 dev v1 scope link
ip address add 10.8.0.1/24 dev v1 noprefixroute
ip address add fd00::1/64 dev br0 nodad
ip route add 10.1.0.0/24 via 10.0.0.2 mtu 1300 advmss 1200 metric 7
ip route add 10.2.0.0/24 proto 112 table 1000 nexthop via 10.0.0.7 weight 3 nexthop via 10.0.0.3
ip route add blackhole 10.3.0.0/16
ip route add unreachable 10.4.0.0/16 metric 5
ip route add default via 10.0.0.9 src 10.0.0.2
ip route add 10.5.0.0/24 via inet6 fd00::9 dev br0
ip route add 10.6.0.0/24 via 10.77.0.1 dev br0 onlink
ip nexthop add id 5 via 10.9.0.2 dev v1
ip route add 10.7.0.0/24 nhid 5
ip route add fd01::/64 via fd00::2
ip route add fd02::/64 proto 112 nexthop via fd00::2 nexthop via fd00::3 weight 2
ip route add prohibit fd03::/64
ip rule add from 10.0.0.0/8 fwmark 0x10/0xff table 1000 priority 500 protocol 112
ip rule add not iif br0 table 20 priority 501
ip rule add oif v0 table main suppress_prefixlength 0 priority 502
ip rule add to 10.1.2.3 unreachable priority 503
ip -6 rule add to fd00::/8 table 300 priority 504
ip -6 rule add from fd00::5 table 301 suppress_ifgroup 1577058304 priority 505
ip neighbour add 10.0.0.50 lladdr 02:00:00:00:00:50 dev br0
ip neighbour add 10.0.0.51 lladdr 02:00:00:00:00:51 dev br0 nud stale protocol 112
ip neighbour add fd00::50 lladdr 02:00:00:00:00:50 dev br0
bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.7 self permanent
bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.8 self permanent
bridge fdb append 02:00:00:00:00:61 dev vx0 dst 10.0.0.7 self permanent
bridge fdb append 02:00:00:00:00:62 dev v0 master static
`;

/** `act` in a namespace that holds it, with the name of each link. */
export const rich = (act: (ours: Netns, ns: TestNetns, name: (index: number) => string) => void): Promise<void> =>
  withNetns((ns) => {
    ns.sh(RICH);
    using kernel = openKernel();
    const ours = kernel.open(ns.path);
    const names = new Map(ns.ipJson<{ ifindex: number; ifname: string }>("link").map((l) => [l.ifindex, l.ifname]));
    act(ours, ns, (index) => names.get(index) ?? `index ${index}`);
  });

/** Both lists in one order; keys that are undefined do not count. */
export const sorted = (list: readonly object[]): unknown[] =>
  list
    .map((x) => JSON.stringify(Object.fromEntries(Object.entries(x).sort(([a], [b]) => (a < b ? -1 : 1)))))
    .sort()
    .map((x) => JSON.parse(x));
