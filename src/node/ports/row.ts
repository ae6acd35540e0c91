/** What is said of a port of a cluster, and of whom it is said. */

export const roles = ["control-plane", "worker", "etcd"] as const;
export type Role = (typeof roles)[number];

/** Parts that not every cluster has. `vxlan` is Flannel's, k3s' and podwire's own. */
export const networks = [
  "vxlan",
  "wireguard",
  "calico",
  "calico-vxlan",
  "cilium",
  "geneve",
  "metallb",
  "k3s",
  "dns-node-cache",
] as const;
export type Network = (typeof networks)[number];

/** Who must reach it. `self` is the node alone, by loopback. */
export type Source = "self" | "nodes" | "control-planes" | "etcd" | "pods" | "clients";

export interface PortRow {
  /** Unique; stable. */
  readonly id: string;
  readonly protocol: "tcp" | "udp" | "ip";
  /** First and last port; of protocol `ip` the protocol's number (IANA), twice. */
  readonly ports: readonly [number, number];
  /** Nodes that listen. */
  readonly roles: readonly Role[];
  /** Only with this part; every cluster has it when absent. */
  readonly network?: Network;
  readonly from: readonly Source[];
  /** Programs (/proc/PID/comm, 15 characters) that may hold it; none: the kernel itself. */
  readonly owners: readonly string[];
  readonly what: string;
  /** What fails when it is not reached. */
  readonly why: string;
}
