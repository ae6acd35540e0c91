/** R8: a DHCP client that asks on every link, as on a Raspberry Pi. */
import type { LabFault } from "../break/fault.ts";

export const dhcpcdFault: LabFault = {
  name: "dhcpcd",
  title: "a DHCP client asks for addresses on pods' links",
  hint: "a veth in the node has an address from 169.254.0.0/16: whose?",
  foundBy: ["R8"],
  break: () => ({ processes: [{ name: "dhcpcd" }] }),
};
