/** ptp's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";

export const ptpKeys: readonly KeyDoc[] = [
  {
    key: "ipMasq",
    type: "true or false",
    default: "false",
    meaning: "what pods send beyond their subnet leaves under the host's address",
  },
  {
    key: "ipMasqBackend",
    type: "iptables or nftables",
    default: "nftables",
    meaning: "taken for the reference's sake: podwire masquerades by nf_tables either way",
  },
  { key: "mtu", type: "bytes", default: "0: the kernel's", meaning: "MTU of both ends of the veth pair" },
  {
    key: "ipam",
    type: "object",
    default: "none: has to be there",
    meaning: "config of the IPAM plugin, named by type",
  },
  { key: "dns", type: "object", default: "the IPAM plugin's", meaning: "dns of the result" },
];
