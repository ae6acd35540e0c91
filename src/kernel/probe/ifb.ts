/** Does the kernel make devices that queue what is redirected to them? */
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const ifbProbe = probe("ifb", () =>
  tryLink({ ifname: "probe", linkinfo: { kind: "ifb" } }, "CONFIG_IFB: modprobe ifb"),
);
