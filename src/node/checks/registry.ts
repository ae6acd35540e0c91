/** Every check, in the order in which they are shown: a new one is a file and a line. */
import type { Check } from "../check.ts";
import { bridgeAddressCheck } from "./bridge-address.ts";
import { bridgeNetfilterCheck } from "./bridge-netfilter.ts";
import { cgroupsCheck } from "./cgroups.ts";
import { clockCheck } from "./clock.ts";
import { clusterDnsCheck } from "./cluster-dns.ts";
import { conntrackCheck } from "./conntrack.ts";
import { defaultRouteCheck } from "./default-route.ts";
import { dropsCheck } from "./drops.ts";
import { duplicateAddressCheck } from "./duplicate-address.ts";
import { familiesCheck } from "./families.ts";
import { firewalldCheck } from "./firewalld.ts";
import { flushRulesetCheck } from "./flush-ruleset.ts";
import { forwardDropsCheck } from "./forward-drops.ts";
import { forwardingCheck } from "./forwarding.ts";
import { hostnameCheck } from "./hostname.ts";
import { instanceIdCheck } from "./instance-id.ts";
import { kernelFeaturesCheck } from "./kernel-features.ts";
import { kernelVersionCheck } from "./kernel-version.ts";
import { labelsCheck } from "./labels.ts";
import { leftoversCheck } from "./leftovers.ts";
import { limitsCheck } from "./limits.ts";
import { linkDaemonsCheck } from "./link-daemons.ts";
import { linkUpCheck } from "./link-up.ts";
import { macCheck } from "./mac.ts";
import { macPolicyCheck } from "./mac-policy.ts";
import { machineIdCheck } from "./machine-id.ts";
import { mtuCheck } from "./mtu.ts";
import { neighboursCheck } from "./neighbours.ts";
import { networkConfCheck } from "./network-conf.ts";
import { networkManagerCheck } from "./network-manager.ts";
import { networkdCheck } from "./networkd.ts";
import { nodeIpCheck } from "./node-ip.ts";
import { ownNameCheck } from "./own-name.ts";
import { pluginsCheck } from "./plugins.ts";
import { policyRulesCheck } from "./policy-rules.ts";
import { portRangeCheck } from "./port-range.ts";
import { portsFreeCheck } from "./ports-free.ts";
import { productUuidCheck } from "./product-uuid.ts";
import { programsCheck } from "./programs.ts";
import { proxyCheck } from "./proxy.ts";
import { rangeSizeCheck } from "./range-size.ts";
import { rangesCheck } from "./ranges.ts";
import { resolvLoopbackCheck } from "./resolv-loopback.ts";
import { resolvSizeCheck } from "./resolv-size.ts";
import { rpFilterCheck } from "./rp-filter.ts";
import { sizeCheck } from "./size.ts";
import { swapCheck } from "./swap.ts";
import { twoIptablesCheck } from "./two-iptables.ts";
import { ufwCheck } from "./ufw.ts";
import { vxlanChecksumCheck } from "./vxlan-checksum.ts";
import { vxlanClashCheck } from "./vxlan-clash.ts";
import { wildcardDnsCheck } from "./wildcard-dns.ts";

/** One a line, in groups: identity, links, routing, ranges, ports, firewall, kernel, limits, names, time, labels. */
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
  firewalldCheck,
  ufwCheck,
  dropsCheck,
  forwardDropsCheck,
  twoIptablesCheck,
  flushRulesetCheck,
  proxyCheck,
  kernelFeaturesCheck,
  kernelVersionCheck,
  cgroupsCheck,
  swapCheck,
  programsCheck,
  sizeCheck,
  conntrackCheck,
  neighboursCheck,
  limitsCheck,
  portRangeCheck,
  resolvLoopbackCheck,
  resolvSizeCheck,
  wildcardDnsCheck,
  ownNameCheck,
  clockCheck,
  labelsCheck,
];
