/** D1: systemd-resolved's stub, given to pods. */
import type { LabFault } from "../break/fault.ts";

export const resolvLoopbackFault: LabFault = {
  name: "resolv-loopback",
  title: "pods are given a name server on loopback",
  hint: "CoreDNS crashes again and again, and says 'Loop': whom does it ask, and who is that from inside a pod?",
  foundBy: ["D1"],
  break: () => ({
    files: [{ path: "/etc/resolv.conf", to: { text: "nameserver 127.0.0.53\noptions edns0 trust-ad\n" } }],
  }),
};
