/** Every probe: a new question is one file and one line here. */
import { bridgeProbe } from "./bridge.ts";
import { bridgeNetfilterProbe } from "./bridge-netfilter.ts";
import { bridgeVlanFilteringProbe } from "./bridge-vlan-filtering.ts";
import { dummyProbe } from "./dummy.ts";
import { fqCodelProbe } from "./fq-codel.ts";
import { ifbProbe } from "./ifb.ts";
import { ipipProbe } from "./ipip.ts";
import { iptablesLegacyProbe } from "./iptables-legacy.ts";
import { ipv6Probe } from "./ipv6.ts";
import { ipvlanProbe } from "./ipvlan.ts";
import { macvlanProbe } from "./macvlan.ts";
import { netAdminProbe } from "./net-admin.ts";
import { netNamespacesProbe } from "./net-namespaces.ts";
import { nfTablesProbe } from "./nf-tables.ts";
import { nftCtProbe } from "./nft-ct.ts";
import { nftFibProbe } from "./nft-fib.ts";
import { nftMasqueradeProbe } from "./nft-masquerade.ts";
import { sysctlWritableProbe } from "./sysctl-writable.ts";
import { tapProbe } from "./tap.ts";
import { tbfProbe } from "./tbf.ts";
import { tcRedirectProbe } from "./tc-redirect.ts";
import { userNamespacesProbe } from "./user-namespaces.ts";
import { vethProbe } from "./veth.ts";
import { vlanProbe } from "./vlan.ts";
import { vrfProbe } from "./vrf.ts";
import { vxlanProbe } from "./vxlan.ts";
import { wireguardProbe } from "./wireguard.ts";

export const probes = [
  netAdminProbe,
  netNamespacesProbe,
  userNamespacesProbe,
  sysctlWritableProbe,
  ipv6Probe,
  vethProbe,
  bridgeProbe,
  bridgeVlanFilteringProbe,
  bridgeNetfilterProbe,
  macvlanProbe,
  ipvlanProbe,
  vlanProbe,
  dummyProbe,
  vxlanProbe,
  tapProbe,
  ifbProbe,
  tbfProbe,
  fqCodelProbe,
  tcRedirectProbe,
  vrfProbe,
  iptablesLegacyProbe,
  ipipProbe,
  wireguardProbe,
  nfTablesProbe,
  nftMasqueradeProbe,
  nftCtProbe,
  nftFibProbe,
] as const;
