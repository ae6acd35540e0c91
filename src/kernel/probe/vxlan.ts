/** Does the kernel make VXLAN tunnels? */
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const vxlanProbe = probe("vxlan", () =>
  tryLink(
    { ifname: "probe", linkinfo: { kind: "vxlan", data: { id: 1, port: 4789 } } },
    "CONFIG_VXLAN: modprobe vxlan",
  ),
);
