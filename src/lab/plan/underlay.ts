/** The steps that make the underlay and join the nodes to it. Every veth is born in the underlay's namespace. */
import type { Cidr } from "../../base/cidr.ts";
import type { Step } from "../../net/plan/step.ts";
import type { Lab, LabNode } from "../topology/lab.ts";

const ipv6 = (cidrs: readonly Cidr[]): boolean => cidrs.some((c) => c.ip.includes(":"));

const address = (netns: string, link: string, cidr: Cidr): Step => ({
  do: "address.add",
  in: netns,
  // Nobody else is there, so waiting for duplicate address detection would only cost a second.
  address: { link, address: cidr, ...(cidr.ip.includes(":") ? { nodad: true } : {}) },
});

export const forwarding = (netns: string, cidrs: readonly Cidr[]): Step[] => [
  { do: "sysctl.set", in: netns, name: "net/ipv4/ip_forward", value: "1" },
  ...(ipv6(cidrs)
    ? ([{ do: "sysctl.set", in: netns, name: "net/ipv6/conf/all/forwarding", value: "1" }] satisfies Step[])
    : []),
];

const loopbackUp = (netns: string): Step => ({ do: "link.set", in: netns, name: "lo", set: { up: true } });

/** Names of the bridges of the underlay: one for each segment. */
export const segmentBridge = (segment: number): string => `br${segment}`;

const base = (lab: Lab): Step[] => [
  { do: "netns.add", in: "", path: lab.underlayNetns },
  loopbackUp(lab.underlayNetns),
  ...lab.segments.flatMap((segment, i): Step[] => [
    {
      do: "link.add",
      in: lab.underlayNetns,
      link: { name: segmentBridge(i), mtu: lab.mtu, up: true, info: { kind: "bridge" } },
    },
    ...(lab.underlay === "router"
      ? segment.subnets.map((s) => address(lab.underlayNetns, segmentBridge(i), s.router))
      : []),
  ]),
  ...(lab.underlay === "router" ? forwarding(lab.underlayNetns, lab.clusterCidrs) : []),
];

const node = (lab: Lab, n: LabNode): Step[] => [
  { do: "netns.add", in: "", path: n.netns },
  loopbackUp(n.netns),
  ...forwarding(n.netns, lab.clusterCidrs),
  {
    do: "link.add",
    in: lab.underlayNetns,
    link: {
      name: n.name,
      mtu: lab.mtu,
      up: true,
      master: segmentBridge(n.segment),
      info: { kind: "veth" },
      peer: { name: "eth0", netns: n.netns, mtu: lab.mtu },
    },
  },
  { do: "link.set", in: n.netns, name: "eth0", set: { up: true } },
  ...n.addresses.map((a) => address(n.netns, "eth0", a)),
];

export const planUnderlay = (lab: Lab): Step[] => [...base(lab), ...lab.nodes.flatMap((n) => node(lab, n))];

/** A pod's own namespace, before the network plugin sees it. */
export const planPod = (netns: string): Step[] => [{ do: "netns.add", in: "", path: netns }, loopbackUp(netns)];
