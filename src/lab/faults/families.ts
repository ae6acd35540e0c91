/** C3: a config that gives what the cluster has no use for. */
import { cidrText } from "../../base/cidr.ts";
import { changedConf } from "../break/conf.ts";
import type { LabFault } from "../break/fault.ts";

export const familiesFault: LabFault = {
  name: "families",
  title: "the network config gives pods another kind of address than the cluster has",
  hint: "IPv4, IPv6 or both: what does the cluster say, and what the config?",
  foundBy: ["C3"],
  break: (ground) => ({
    files: changedConf(ground, (ranges) => [
      ...ranges.slice(0, 1).map(({ subnet }) => ({ subnet: cidrText(subnet) })),
      // Of a lab with both, one goes; of one with one, the other comes.
      ...(ranges.length > 1
        ? []
        : [{ subnet: ranges[0]?.subnet.ip.includes(":") ? "198.51.100.0/24" : "fd00:dead:2::/64" }]),
    ]),
  }),
};
