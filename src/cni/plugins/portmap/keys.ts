/** portmap's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";
import { defaultMarkBit } from "./parse.ts";

export const portmapKeys: readonly KeyDoc[] = [
  {
    key: "snat",
    type: "true or false",
    default: "true",
    meaning: "what pods of the same subnet, and this host by its loopback address, send comes from the host's address",
  },
  { key: "masqAll", type: "true or false", default: "false", meaning: "so does what everybody sends" },
  {
    key: "markMasqBit",
    type: "0 to 31",
    default: String(defaultMarkBit),
    meaning: "bit of the packet mark that is ours between prerouting and postrouting",
  },
  {
    key: "conditionsV4",
    type: "list of words",
    default: "[]",
    meaning: "only such packets are led: addresses and the link they come in on, in words of iptables or nft",
  },
  { key: "conditionsV6", type: "list of words", default: "[]", meaning: "the same of IPv6" },
  {
    key: "backend",
    type: "iptables or nftables",
    default: "nftables",
    meaning: "taken for the reference's sake: podwire uses nf_tables either way",
  },
  {
    key: "runtimeConfig.portMappings",
    type: "list of {hostPort, containerPort, protocol, hostIP}",
    default: "[]",
    meaning: "what leads where; protocol is tcp, udp or sctp; without hostIP every address of the host",
  },
];
