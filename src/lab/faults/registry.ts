/** Every fault, in the order of the checks that find them: a new one is a file and a line. */
import type { LabFault } from "../break/fault.ts";
import { bridgeAddressFault } from "./bridge-address.ts";
import { bridgeNetfilterFault } from "./bridge-netfilter.ts";
import { cgroupsFault } from "./cgroups.ts";
import { cloneFault } from "./clone.ts";
import { clusterDnsFault } from "./cluster-dns.ts";
import { conntrackSmallFault } from "./conntrack-small.ts";
import { defaultRouteFault } from "./default-route.ts";
import { dhcpcdFault } from "./dhcpcd.ts";
import { duplicateAddressFault } from "./duplicate-address.ts";
import { familiesFault } from "./families.ts";
import { firewallDropFault } from "./firewall-drop.ts";
import { firewalldFault } from "./firewalld.ts";
import { flushRulesetFault } from "./flush-ruleset.ts";
import { forwardDropFault } from "./forward-drop.ts";
import { forwardingFault } from "./forwarding.ts";
import { forwardingRebootFault } from "./forwarding-reboot.ts";
import { hostnameFault } from "./hostname.ts";
import { inotifyFewFault } from "./inotify-few.ts";
import { instanceIdFault } from "./instance-id.ts";
import { leftoverFault } from "./leftover.ts";
import { linkDownFault } from "./link-down.ts";
import { macCloneFault } from "./mac-clone.ts";
import { macPolicyFault } from "./mac-policy.ts";
import { machineIdFault } from "./machine-id.ts";
import { mainRuleFault } from "./main-rule.ts";
import { manyNameserversFault } from "./many-nameservers.ts";
import { mtuFault } from "./mtu.ts";
import { narrowPathFault } from "./narrow-path.ts";
import { neighboursFewFault } from "./neighbours-few.ts";
import { networkManagerFault } from "./network-manager.ts";
import { networkdFault } from "./networkd.ts";
import { nodeIpFault } from "./node-ip.ts";
import { oldKernelFault } from "./old-kernel.ts";
import { ownNameFault } from "./own-name.ts";
import { pluginsMissingFault } from "./plugins-missing.ts";
import { portRangeFault } from "./port-range.ts";
import { portTakenFault } from "./port-taken.ts";
import { productUuidFault } from "./product-uuid.ts";
import { proxyFault } from "./proxy.ts";
import { rangeOverlapFault } from "./range-overlap.ts";
import { resolvLoopbackFault } from "./resolv-loopback.ts";
import { rpFilterFault } from "./rp-filter.ts";
import { securityGroupFault } from "./security-group.ts";
import { selinuxFault } from "./selinux.ts";
import { smallBlockFault } from "./small-block.ts";
import { swapFault } from "./swap.ts";
import { tunnelBlockedFault } from "./tunnel-blocked.ts";
import { twinMacFault } from "./twin-mac.ts";
import { twoConfsFault } from "./two-confs.ts";
import { ufwFault } from "./ufw.ts";
import { vpnRuleFault } from "./vpn-rule.ts";
import { vxlanChecksumFault } from "./vxlan-checksum.ts";
import { vxlanTakenFault } from "./vxlan-taken.ts";

// biome-ignore format: one a line
export const faults: readonly LabFault[] = [
  hostnameFault,
  twinMacFault,
  productUuidFault,
  machineIdFault,
  instanceIdFault,
  nodeIpFault,
  duplicateAddressFault,
  linkDownFault,
  defaultRouteFault,
  mtuFault,
  vxlanChecksumFault,
  vxlanTakenFault,
  leftoverFault,
  twoConfsFault,
  pluginsMissingFault,
  bridgeAddressFault,
  forwardingFault,
  forwardingRebootFault,
  bridgeNetfilterFault,
  rpFilterFault,
  vpnRuleFault,
  mainRuleFault,
  networkdFault,
  macPolicyFault,
  networkManagerFault,
  dhcpcdFault,
  rangeOverlapFault,
  smallBlockFault,
  familiesFault,
  clusterDnsFault,
  portTakenFault,
  firewalldFault,
  ufwFault,
  firewallDropFault,
  forwardDropFault,
  flushRulesetFault,
  proxyFault,
  oldKernelFault,
  cgroupsFault,
  swapFault,
  conntrackSmallFault,
  neighboursFewFault,
  inotifyFewFault,
  portRangeFault,
  resolvLoopbackFault,
  manyNameserversFault,
  ownNameFault,
  selinuxFault,
  macCloneFault,
  cloneFault,
  narrowPathFault,
  securityGroupFault,
  tunnelBlockedFault,
];
