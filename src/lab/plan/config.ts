/**
 * A node's network config: the well-known four keys (bridge cni0 with host-local) and what the promises need on top.
 * `isDefaultGateway` gives the bridge the subnet's first address and pods a default route: without it a pod has no way
 * off its node. There is no `ipMasq`: pods reach each other without NAT. `dataDir` keeps nodes apart, because here
 * they share one file system.
 */
import { cidrText } from "../../base/cidr.ts";
import type { JsonObject } from "../../base/json-types.ts";
import type { Lab, LabNode } from "../topology/lab.ts";

export const networkName = "example-network";
export const bridgeName = "cni0";

export const nodeConfig = (lab: Lab, node: LabNode, dataDir: string): JsonObject => {
  const [only, ...more] = node.subnets;
  const range = more.length === 0 ? { subnet: cidrText(only!) } : {};
  const ranges = more.length === 0 ? {} : { ranges: node.subnets.map((s) => [{ subnet: cidrText(s) }]) };
  return {
    cniVersion: "0.4.0",
    name: networkName,
    type: "bridge",
    bridge: bridgeName,
    isDefaultGateway: true,
    ...(lab.mtu === 1500 ? {} : { mtu: lab.mtu }),
    ipam: { type: "host-local", ...range, ...ranges, dataDir },
  };
};
