/** ipvlan's config keys, for help, docs and schemas. */
import { dnsKey, inContainerKey, ipamKey, masterKey, mtuKey } from "../../attach/child/keys.ts";
import type { KeyDoc } from "../../plugin.ts";

export const ipvlanKeys: readonly KeyDoc[] = [
  masterKey("prevResult's only one, or the default route's"),
  {
    key: "mode",
    type: "l2, l3 or l3s",
    default: "l2",
    meaning: "l2: the pod answers ARP itself; l3: the host routes for it; l3s: and its firewall sees all",
  },
  mtuKey,
  inContainerKey,
  ipamKey("{}: the addresses of prevResult"),
  dnsKey,
];
