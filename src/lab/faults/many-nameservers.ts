/** D2: more name servers than are used. */
import type { LabFault } from "../break/fault.ts";

export const manyNameserversFault: LabFault = {
  name: "many-nameservers",
  title: "there are more name servers than pods use",
  hint: "kubelet warns 'DNSConfigForming', and names of one office are not found: how many servers are there?",
  foundBy: ["D2"],
  break: () => ({
    files: [
      {
        path: "/etc/resolv.conf",
        to: { text: ["53", "54", "55", "56"].map((n) => `nameserver 192.0.2.${n}\n`).join("") },
      },
    ],
  }),
};
