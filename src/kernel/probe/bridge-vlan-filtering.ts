/** Does the kernel's bridge tell VLANs apart? */
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const bridgeVlanFilteringProbe = probe("bridge vlan_filtering", () =>
  tryLink(
    { ifname: "probe", linkinfo: { kind: "bridge", data: { vlanFiltering: 1 } } },
    "a kernel built with CONFIG_BRIDGE_VLAN_FILTERING",
  ),
);
