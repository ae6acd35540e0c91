/** Does the kernel make VLAN links? */
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const vlanProbe = probe("vlan", () =>
  tryLink({ ifname: "probe", linkinfo: { kind: "vlan", data: { id: 1 } } }, "CONFIG_VLAN_8021Q: modprobe 8021q", true),
);
