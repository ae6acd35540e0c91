/** B1: a copy of a virtual machine. */
import type { LabFault } from "../break/fault.ts";
import { otherNode } from "../break/pieces.ts";

/** What a copy of a disk and of a virtual machine's settings has of the original. */
const copied = [
  "/etc/machine-id",
  "/sys/class/dmi/id/product_uuid",
  "/var/lib/cloud/data/instance-id",
  "/etc/ssh/ssh_host_ed25519_key.pub",
];

export const cloneFault: LabFault = {
  name: "clone",
  title: "the node is a copy of another one",
  hint: "what must be a machine's own: compare /etc/machine-id and the host keys of all nodes",
  foundBy: ["B1"],
  break: (ground) => {
    const { host } = otherNode(ground);
    return { files: copied.map((path) => ({ path, to: { text: host.read(path) ?? "" } })) };
  },
};
