/** bridge's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";
import { defaultBridge } from "./parse.ts";

const flag = (key: string, meaning: string): KeyDoc => ({ key, type: "true or false", default: "false", meaning });

export const bridgeKeys: readonly KeyDoc[] = [
  { key: "bridge", type: "interface name", default: defaultBridge, meaning: "the bridge; made when it is missing" },
  flag("isGateway", "the bridge gets the gateway addresses, the host forwards"),
  flag("isDefaultGateway", "the pod's default routes go to the gateway; implies isGateway"),
  flag("forceAddress", "an address of the bridge that stands in the way is replaced"),
  { key: "mtu", type: "bytes", default: "0: the kernel's", meaning: "MTU of the pod's interface and of a new bridge" },
  flag("hairpinMode", "frames may leave by the port they came in on; not with promiscMode"),
  flag("promiscMode", "the bridge takes all frames; not with hairpinMode"),
  flag("portIsolation", "pods of this network cannot reach each other's isolated ports"),
  { key: "vlan", type: "0 to 4094", default: "0: none", meaning: "VLAN of the pod's untagged frames" },
  {
    key: "vlanTrunk",
    type: "list of {id} or {minID, maxID}",
    default: "[]",
    meaning: "VLANs whose tagged frames pass",
  },
  flag("preserveDefaultVlan", "the bridge's default VLAN stays on the port"),
  flag("enabledad", "IPv6 addresses wait for duplicate address detection"),
  flag("disableContainerInterface", "the pod's interface stays down; not with ipam"),
  flag("ipMasq", "what pods send beyond their subnet leaves under the host's address"),
  {
    key: "ipMasqBackend",
    type: "iptables or nftables",
    default: "nftables",
    meaning: "taken for the reference's sake: podwire masquerades by nf_tables either way",
  },
  flag("macspoofchk", "frames from the pod that bear another MAC than its own are dropped"),
  { key: "ipam", type: "object", default: "{}: layer 2 only", meaning: "config of the IPAM plugin, named by type" },
  { key: "dns", type: "object", default: "the IPAM plugin's", meaning: "dns of the result" },
  { key: "runtimeConfig.mac", type: "MAC", default: "random", meaning: "MAC of the pod's interface" },
  { key: "args.cni.mac", type: "MAC", default: "random", meaning: "the same; runtimeConfig goes first" },
  { key: "CNI_ARGS MAC", type: "MAC", default: "random", meaning: "the same; the other two go first" },
];
