/** Does the kernel make tunnels of IPv4 in IPv4? */
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const ipipProbe = probe("ipip", () =>
  tryLink({ ifname: "probe", linkinfo: { kind: "ipip" } }, "CONFIG_NET_IPIP: modprobe ipip"),
);
