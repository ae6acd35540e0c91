/** A pod network small enough to break by hand: two nodes on one wire, routed; p1 and p2 on n1, p3 and p4 on n2. Dual stack. */
import { parseIp } from "../../base/ip.ts";
import { makeNetns, type TestNetns, withNetns } from "../../kernel/testing/netns.ts";
import type { Endpoint } from "../types.ts";

export type NodeName = "n1" | "n2";
export type PodName = "p1" | "p2" | "p3" | "p4";

export interface TwoNodes {
  readonly ns: Readonly<Record<NodeName | PodName, TestNetns>>;
  readonly endpoints: readonly Endpoint[];
}

const nodes = { n1: 1, n2: 2 } as const;
/** Node, and last part of the address. */
const pods = { p1: ["n1", 2], p2: ["n1", 3], p3: ["n2", 2], p4: ["n2", 3] } as const;
const nodeNames = Object.keys(nodes) as NodeName[];
const podNames = Object.keys(pods) as PodName[];

/** No duplicate address detection: link-local addresses, which neighbour discovery speaks from, would not be there at once. */
const noDad = (ns: TestNetns): void => {
  ns.sh("for of in all default; do echo 0 >/proc/sys/net/ipv6/conf/$of/accept_dad; done");
};

const wireNodes = (ns: TwoNodes["ns"]): void => {
  ns.n1.ip(`link add eth0 type veth peer name eth0 netns ${ns.n2.name}`);
  for (const name of nodeNames) {
    const [own, other] = name === "n1" ? [1, 2] : [2, 1];
    ns[name].sh(`
      ip link set lo up
      ip address add 192.168.7.${own}/24 dev eth0
      ip address add fd07::${own}/64 dev eth0 nodad
      ip link set eth0 up
      ip link add cni0 type bridge
      ip address add 10.7.${own}.1/24 dev cni0
      ip address add fd07:${own}::1/64 dev cni0 nodad
      ip link set cni0 up
      echo 1 >/proc/sys/net/ipv4/ip_forward
      echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
      ip route add 10.7.${other}.0/24 via 192.168.7.${other}
      ip route add fd07:${other}::/64 via fd07::${other}`);
  }
};

const wirePod = (ns: TwoNodes["ns"], name: PodName): void => {
  const [node, host] = pods[name];
  const n = nodes[node];
  ns[node].ip(`link add ${name} type veth peer name eth0 netns ${ns[name].name}`);
  ns[node].ip(`link set ${name} master cni0 up`);
  ns[name].sh(`
    ip link set lo up
    ip address add 10.7.${n}.${host}/24 dev eth0
    ip address add fd07:${n}::${host}/64 dev eth0 nodad
    ip link set eth0 up
    ip route add default via 10.7.${n}.1
    ip route add default via fd07:${n}::1`);
};

/**
 * A link drops what is sent until the kernel's link watcher has heard of its carrier, a moment after both ends are up;
 * asking for one link (not for all) makes the kernel catch up on it first. Ports, the younger, come before their bridge,
 * which has a carrier when one of them has.
 */
const settle = (ns: TestNetns): void => {
  for (const { ifname } of ns.ipJson<{ ifname: string }>("link show up").reverse()) ns.ip(`link show dev ${ifname}`);
};

const endpointsOf = (ns: TwoNodes["ns"]): Endpoint[] => [
  ...podNames.map((name): Endpoint => {
    const [node, host] = pods[name];
    const ips = [parseIp(`10.7.${nodes[node]}.${host}`), parseIp(`fd07:${nodes[node]}::${host}`)];
    return { name, kind: "pod", node, netns: ns[name].path, ips };
  }),
  ...nodeNames.map((name): Endpoint => {
    const ips = [parseIp(`192.168.7.${nodes[name]}`), parseIp(`fd07::${nodes[name]}`)];
    return { name, kind: "node", node: name, netns: ns[name].path, ips };
  }),
];

/** Builds it, runs `act`, removes it; fails when a descriptor is left open. */
export const withTwoNodes = (act: (net: TwoNodes) => void | Promise<void>): Promise<void> =>
  withNetns(async (n1) => {
    using n2 = makeNetns();
    using p1 = makeNetns();
    using p2 = makeNetns();
    using p3 = makeNetns();
    using p4 = makeNetns();
    const ns = { n1, n2, p1, p2, p3, p4 };
    for (const each of Object.values(ns)) noDad(each);
    wireNodes(ns);
    for (const name of podNames) wirePod(ns, name);
    for (const end of Object.values(ns)) settle(end);
    await act({ ns, endpoints: endpointsOf(ns) });
  });
