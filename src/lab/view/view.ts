/** What a lab looks like at this moment: what the kernel says, beside what was asked for. Data for drawings and JSON. */
import type { LabFamily, Role, UnderlayKind } from "../topology/schema.ts";

export interface PodView {
  readonly name: string;
  readonly netns: string;
  /** Addresses of its eth0 as the kernel has them; link-local ones left out. */
  readonly ips: readonly string[];
  /** Other end of its eth0, in the node. */
  readonly veth?: string;
  readonly problems: readonly string[];
}

export interface RouteView {
  readonly dst: string;
  readonly via: string;
}

export interface NodeView {
  readonly name: string;
  readonly role: Role;
  readonly label?: string;
  readonly netns: string;
  readonly segment: number;
  readonly addresses: readonly string[];
  readonly subnets: readonly string[];
  readonly bridge?: { readonly name: string; readonly addresses: readonly string[] };
  /** Those with our mark. */
  readonly routes: readonly RouteView[];
  readonly pods: readonly PodView[];
  readonly problems: readonly string[];
}

export interface LabView {
  readonly name: string;
  readonly label?: string;
  readonly phase: "building" | "running";
  readonly family: LabFamily;
  readonly underlay: UnderlayKind;
  readonly underlayNetns: string;
  readonly segments: readonly { readonly bridge: string; readonly subnets: readonly string[] }[];
  readonly clusterCidrs: readonly string[];
  readonly cniBinDir: string;
  readonly nodes: readonly NodeView[];
  /** All problems, each beginning with whose it is; empty when everything is as it should be. */
  readonly problems: readonly string[];
}
