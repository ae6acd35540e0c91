/** Every check, in the order in which they are shown: a new one is a file and a line. */
import type { Check } from "../check.ts";
import { bridgeAddressCheck } from "./bridge-address.ts";
import { bridgeNetfilterCheck } from "./bridge-netfilter.ts";
import { clusterDnsCheck } from "./cluster-dns.ts";
import { defaultRouteCheck } from "./default-route.ts";
import { duplicateAddressCheck } from "./duplicate-address.ts";
import { familiesCheck } from "./families.ts";
import { forwardingCheck } from "./forwarding.ts";
import { hostnameCheck } from "./hostname.ts";
import { instanceIdCheck } from "./instance-id.ts";
import { leftoversCheck } from "./leftovers.ts";
import { linkDaemonsCheck } from "./link-daemons.ts";
import { linkUpCheck } from "./link-up.ts";
import { macCheck } from "./mac.ts";
import { macPolicyCheck } from "./mac-policy.ts";
import { machineIdCheck } from "./machine-id.ts";
import { mtuCheck } from "./mtu.ts";
import { networkConfCheck } from "./network-conf.ts";
import { networkManagerCheck } from "./network-manager.ts";
import { networkdCheck } from "./networkd.ts";
import { nodeIpCheck } from "./node-ip.ts";
import { pluginsCheck } from "./plugins.ts";
import { policyRulesCheck } from "./policy-rules.ts";
import { portsFreeCheck } from "./ports-free.ts";
import { productUuidCheck } from "./product-uuid.ts";
import { rangeSizeCheck } from "./range-size.ts";
import { rangesCheck } from "./ranges.ts";
import { rpFilterCheck } from "./rp-filter.ts";
import { vxlanChecksumCheck } from "./vxlan-checksum.ts";
import { vxlanClashCheck } from "./vxlan-clash.ts";

/** One a line, in groups: identity, links, routing, ranges, then ports and the rest. */
// biome-ignore format: one a line
export const checks: readonly Check[] = [
  hostnameCheck,
  macCheck,
  productUuidCheck,
  machineIdCheck,
  instanceIdCheck,
  nodeIpCheck,
  duplicateAddressCheck,
  linkUpCheck,
  defaultRouteCheck,
  mtuCheck,
  vxlanChecksumCheck,
  vxlanClashCheck,
  leftoversCheck,
  networkConfCheck,
  pluginsCheck,
  bridgeAddressCheck,
  forwardingCheck,
  bridgeNetfilterCheck,
  rpFilterCheck,
  policyRulesCheck,
  networkdCheck,
  macPolicyCheck,
  networkManagerCheck,
  linkDaemonsCheck,
  rangesCheck,
  rangeSizeCheck,
  familiesCheck,
  clusterDnsCheck,
  portsFreeCheck,
];
