/** Does the kernel make veth pairs? */
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const vethProbe = probe("veth", () =>
  tryLink({ ifname: "probe", linkinfo: { kind: "veth" } }, "CONFIG_VETH: modprobe veth"),
);
