/** A lab in full: every node and pod with its names, subnets and addresses. Pure: a topology gives exactly one. */
import { type Cidr, cidrText, nthSubnet, overlaps, parseCidr } from "../../base/cidr.ts";
import { FaultError } from "../../base/fault.ts";
import type { Ip } from "../../base/ip.ts";
import { netnsPath } from "../../kernel/os/netns.ts";
import type { LabFamily, NodeSpec, Role, Topology, UnderlayKind } from "./schema.ts";
import { type Segment, segmentsOf } from "./segments.ts";

export interface LabPod {
  /** `pod-1`, counted through the whole lab. */
  readonly name: string;
  readonly netns: string;
  readonly containerId: string;
}

export interface LabNode {
  /** `node1`. */
  readonly name: string;
  readonly role: Role;
  readonly label?: string;
  readonly netns: string;
  /** Index of its piece of the underlay. */
  readonly segment: number;
  /** Its addresses on the underlay, with the prefix of the segment. */
  readonly addresses: readonly Cidr[];
  /** Of its pods, one for each family. */
  readonly subnets: readonly Cidr[];
  readonly pods: readonly LabPod[];
}

export interface Lab {
  readonly name: string;
  readonly label?: string;
  readonly family: LabFamily;
  readonly underlay: UnderlayKind;
  /** Namespace of the underlay's bridge or router. */
  readonly underlayNetns: string;
  /** One for a bridge, two for a router. */
  readonly segments: readonly Segment[];
  /** Cluster CIDRs, one for each family. */
  readonly clusterCidrs: readonly Cidr[];
  readonly mtu: number;
  readonly cniBinDir?: string;
  readonly nodes: readonly LabNode[];
}

export const defaults = {
  name: "podwire",
  family: "ipv4",
  underlay: "bridge",
  nodes: 3,
  pods: 2,
  subnet: "10.244.0.0/16",
  subnet6: "fd00:10:244::/48",
  mtu: 1500,
} as const;

/** How a command is told of a lab: nothing for the default name. */
export const nameFlag = (name: string): string => (name === defaults.name ? "" : ` --name ${name}`);

/** Which of IPv4 and IPv6 a lab has, in this order. */
const cidrsOf = (t: Topology): Cidr[] => {
  const family = t.family ?? defaults.family;
  return [
    ...(family === "ipv6" ? [] : [parseCidr(t.subnet ?? defaults.subnet)]),
    ...(family === "ipv4" ? [] : [parseCidr(t.subnet6 ?? defaults.subnet6)]),
  ];
};

const badSubnet = (cluster: Cidr, why: string): FaultError => {
  const at = cluster.ip.includes(":") ? "subnet6" : "subnet";
  return new FaultError({ kind: "bad-config", at, why, fix: `podwire lab up --${at} ${defaults[at]}` });
};

/** /24 or /64 for node `i`: node 2 has 10.244.1.0/24. */
const podSubnets = (clusterCidrs: readonly Cidr[], i: number): Cidr[] =>
  clusterCidrs.map((cluster) => {
    const subnet = nthSubnet(cluster, cluster.ip.includes(":") ? 64 : 24, i);
    if (subnet) return subnet;
    throw badSubnet(cluster, `${cidrText(cluster)} has no subnet left for node ${i + 1}: use a larger one`);
  });

/** A pod with a node's address would be reached by half of the lab. */
const refuseOverlap = (clusterCidrs: readonly Cidr[], segments: readonly Segment[]): void => {
  for (const { cidr } of segments.flatMap((s) => s.subnets)) {
    const cluster = clusterCidrs.find((c) => overlaps(c, cidr));
    if (!cluster) continue;
    throw badSubnet(cluster, `${cidrText(cluster)} has the nodes' own subnet ${cidrText(cidr)} in it: use another one`);
  }
};

/** @throws FaultError bad-config when the cluster's subnet is too small, or has the nodes in it */
export const labOf = (t: Topology): Lab => {
  const name = t.name ?? defaults.name;
  const asked = t.nodes ?? defaults.nodes;
  const nodes: readonly NodeSpec[] = typeof asked === "number" ? Array.from({ length: asked }, () => ({})) : asked;
  const family = t.family ?? defaults.family;
  const underlay = t.underlay ?? defaults.underlay;
  const segments = segmentsOf(underlay, family);
  const clusterCidrs = cidrsOf(t);
  refuseOverlap(clusterCidrs, segments);
  let podNumber = 0;
  const pod = (): LabPod => {
    const podName = `pod-${++podNumber}`;
    return { name: podName, netns: netnsPath(`${name}-${podName}`), containerId: `${name}-${podName}` };
  };
  return {
    name,
    ...(t.label ? { label: t.label } : {}),
    family,
    underlay,
    underlayNetns: netnsPath(`${name}-underlay`),
    segments,
    clusterCidrs,
    mtu: t.mtu ?? defaults.mtu,
    ...(t.cniBinDir ? { cniBinDir: t.cniBinDir } : {}),
    nodes: nodes.map((n, i) => {
      // The first half of the nodes is on the first segment.
      const segment = segments.length > 1 && i >= Math.ceil(nodes.length / 2) ? 1 : 0;
      return {
        name: `node${i + 1}`,
        role: n.role ?? (i === 0 ? "control-plane" : "worker"),
        ...(n.label ? { label: n.label } : {}),
        netns: netnsPath(`${name}-node${i + 1}`),
        segment,
        addresses: segments[segment]!.subnets.map((s) => s.host(i + 1)),
        subnets: podSubnets(clusterCidrs, i),
        pods: Array.from({ length: n.pods ?? t.pods ?? defaults.pods }, pod),
      };
    }),
  };
};

/** Every namespace of a lab: the underlay's first, then nodes, then pods. */
export const namespacesOf = (lab: Lab): string[] => [
  lab.underlayNetns,
  ...lab.nodes.map((n) => n.netns),
  ...lab.nodes.flatMap((n) => n.pods.map((p) => p.netns)),
];

/** The address of a node on the underlay that has the family of `of`. */
export const addressFor = (node: LabNode, of: Cidr): Ip => {
  const v6 = of.ip.includes(":");
  return node.addresses.find((a) => a.ip.includes(":") === v6)!.ip;
};
