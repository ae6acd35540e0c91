/** Does the kernel make VRFs? */
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const vrfProbe = probe("vrf", () =>
  tryLink({ ifname: "probe", linkinfo: { kind: "vrf", data: { table: 1 } } }, "CONFIG_NET_VRF: modprobe vrf"),
);
