/** Does the kernel make macvlan links? */
import { macvlanModes } from "../codec/link-kinds/macvlan.ts";
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const macvlanProbe = probe("macvlan", () =>
  tryLink(
    { ifname: "probe", linkinfo: { kind: "macvlan", data: { mode: macvlanModes.bridge } } },
    "CONFIG_MACVLAN: modprobe macvlan",
    true,
  ),
);
