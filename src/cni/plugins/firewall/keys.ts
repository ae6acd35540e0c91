/** firewall's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";
import { defaultAdminChain } from "./parse.ts";

export const firewallKeys: readonly KeyDoc[] = [
  {
    key: "ingressPolicy",
    type: "open, same-bridge or isolated",
    default: "open",
    meaning:
      "who reaches the pod: everybody; not the pods of other bridges that have a policy; not those of its own either",
  },
  {
    key: "iptablesAdminChainName",
    type: "name of a chain",
    default: defaultAdminChain,
    meaning:
      "a chain that is asked before the pod's traffic is let through, where the chain that drops has one beside it",
  },
  {
    key: "backend",
    type: "iptables or nftables",
    default: "nftables",
    meaning: "taken for the reference's sake: podwire uses nf_tables either way",
  },
];
