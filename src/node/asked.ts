/** What the one who asks says about the node and its cluster. */
import { type Cidr, parseCidr } from "../base/cidr.ts";
import type { Ip } from "../base/ip.ts";
import type { Network, Role } from "./ports/row.ts";

export interface Asked {
  readonly roles: readonly Role[];
  /** Parts of the cluster that bring ports of their own. */
  readonly networks: readonly Network[];
  /** Cluster CIDRs: one, or one of each family, first the main one. */
  readonly podCidrs: readonly Cidr[];
  readonly serviceCidrs: readonly Cidr[];
  /** Prefix of a node's block of pod addresses, by family. */
  readonly nodePrefix: { readonly 4: number; readonly 6: number };
  /** kubelet's --max-pods. */
  readonly maxPods: number;
  /** kubelet's --node-ip, when it is set. */
  readonly nodeIp?: Ip;
  readonly clusterDns?: Ip;
}

/** kubeadm's and Flannel's own defaults. */
export const usual: Asked = {
  roles: ["worker"],
  networks: ["vxlan"],
  podCidrs: [parseCidr("10.244.0.0/16")],
  serviceCidrs: [parseCidr("10.96.0.0/12")],
  nodePrefix: { 4: 24, 6: 64 },
  maxPods: 110,
};
