/** Does the kernel make ipvlan links? */
import { ipvlanModes } from "../codec/link-kinds/ipvlan.ts";
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const ipvlanProbe = probe("ipvlan", () =>
  tryLink(
    { ifname: "probe", linkinfo: { kind: "ipvlan", data: { mode: ipvlanModes.l2 } } },
    "CONFIG_IPVLAN: modprobe ipvlan",
    true,
  ),
);
