/** Does the kernel make WireGuard tunnels? */
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const wireguardProbe = probe("wireguard", () =>
  tryLink({ ifname: "probe", linkinfo: { kind: "wireguard" } }, "CONFIG_WIREGUARD: modprobe wireguard"),
);
