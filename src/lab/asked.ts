/** What a lab says of its nodes to the checks. */
import { cidrFamily, parseCidr } from "../base/cidr.ts";
import { type Asked, usual } from "../node/asked.ts";
import { rolesOf } from "../node/ports/rows-for.ts";
import { addressFor, type Lab, type LabNode } from "./topology/lab.ts";

/** Nodes reach each other's pods by routes: no part with ports of its own. There may be no default route to take an address from. */
export const askedOfNode = (lab: Lab, node: LabNode): Asked => {
  const families = lab.clusterCidrs.map(cidrFamily);
  const services = [
    ...(families.includes(4) ? usual.serviceCidrs : []),
    ...(families.includes(6) ? [parseCidr("fd00:10:96::/112")] : []),
  ];
  return {
    ...usual,
    roles: rolesOf(node.role),
    networks: [],
    podCidrs: lab.clusterCidrs,
    serviceCidrs: services,
    nodeIp: addressFor(node, lab.clusterCidrs[0]!),
  };
};
