/** Does the kernel make bridges? */
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const bridgeProbe = probe("bridge", () =>
  tryLink({ ifname: "probe", linkinfo: { kind: "bridge" } }, "CONFIG_BRIDGE: modprobe bridge"),
);
