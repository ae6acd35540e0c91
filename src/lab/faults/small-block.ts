/** C2: a range that somebody cut short. */
import { cidrText, networkOf } from "../../base/cidr.ts";
import { ipAdd } from "../../base/ip.ts";
import { changedConf } from "../break/conf.ts";
import type { LabFault } from "../break/fault.ts";

export const smallBlockFault: LabFault = {
  name: "small-block",
  title: "the network config gives fewer addresses than pods may come",
  hint: "count the addresses between rangeStart and rangeEnd",
  foundBy: ["C2"],
  break: (ground) => ({
    files: changedConf(ground, (ranges) =>
      ranges.map(({ subnet }) => ({ subnet: cidrText(subnet), rangeEnd: ipAdd(networkOf(subnet), 20) })),
    ),
  }),
};
