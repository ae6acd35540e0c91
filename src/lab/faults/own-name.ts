/** D4: what Debian's installer writes. */
import type { LabFault } from "../break/fault.ts";

export const ownNameFault: LabFault = {
  name: "own-name",
  title: "the node's name leads to loopback",
  hint: "a member of etcd listens where nobody reaches it: where does its own name lead?",
  foundBy: ["D4"],
  break: ({ host }) => ({
    files: [{ path: "/etc/hosts", to: { text: `127.0.0.1 localhost\n127.0.1.1 ${host.name}\n` } }],
  }),
};
