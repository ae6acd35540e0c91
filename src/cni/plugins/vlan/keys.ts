/** vlan's config keys, for help, docs and schemas. */
import { dnsKey, inContainerKey, ipamKey, masterKey, mtuKey } from "../../attach/child/keys.ts";
import type { KeyDoc } from "../../plugin.ts";

export const vlanKeys: readonly KeyDoc[] = [
  masterKey("none: has to be there"),
  { key: "vlanId", type: "0 to 4094", default: "0", meaning: "VLAN of the pod's frames; 0 tags them with none" },
  mtuKey,
  inContainerKey,
  ipamKey("none: has to be there"),
  dnsKey,
];
