/** Every fault, in the order of the checks that find them: a new one is a file and a line. */
import type { LabFault } from "../break/fault.ts";
import { bridgeAddressFault } from "./bridge-address.ts";
import { bridgeNetfilterFault } from "./bridge-netfilter.ts";
import { cloneFault } from "./clone.ts";
import { clusterDnsFault } from "./cluster-dns.ts";
import { defaultRouteFault } from "./default-route.ts";
import { dhcpcdFault } from "./dhcpcd.ts";
import { duplicateAddressFault } from "./duplicate-address.ts";
import { familiesFault } from "./families.ts";
import { forwardingFault } from "./forwarding.ts";
import { forwardingRebootFault } from "./forwarding-reboot.ts";
import { hostnameFault } from "./hostname.ts";
import { instanceIdFault } from "./instance-id.ts";
import { leftoverFault } from "./leftover.ts";
import { linkDownFault } from "./link-down.ts";
import { macCloneFault } from "./mac-clone.ts";
import { macPolicyFault } from "./mac-policy.ts";
import { machineIdFault } from "./machine-id.ts";
import { mainRuleFault } from "./main-rule.ts";
import { mtuFault } from "./mtu.ts";
import { networkManagerFault } from "./network-manager.ts";
import { networkdFault } from "./networkd.ts";
import { nodeIpFault } from "./node-ip.ts";
import { pluginsMissingFault } from "./plugins-missing.ts";
import { productUuidFault } from "./product-uuid.ts";
import { rangeOverlapFault } from "./range-overlap.ts";
import { rpFilterFault } from "./rp-filter.ts";
import { smallBlockFault } from "./small-block.ts";
import { twinMacFault } from "./twin-mac.ts";
import { twoConfsFault } from "./two-confs.ts";
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
  macCloneFault,
  cloneFault,
];
