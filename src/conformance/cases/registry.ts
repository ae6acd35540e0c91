/** Every chapter of cases: a new one is a file and two lines here. They are embedded as text and read when asked for. */
import { parseChapter } from "../parse.ts";
import type { Chapter } from "../schema.ts";
import bandwidthText from "./bandwidth.yaml" with { type: "text" };
import bridgeText from "./bridge.yaml" with { type: "text" };
import bridgeFilterText from "./bridge-filter.yaml" with { type: "text" };
import bridgeSettingsText from "./bridge-settings.yaml" with { type: "text" };
import chainedText from "./chained.yaml" with { type: "text" };
import collectText from "./collect.yaml" with { type: "text" };
import delegationText from "./delegation.yaml" with { type: "text" };
import dhcpText from "./dhcp.yaml" with { type: "text" };
import dummyText from "./dummy.yaml" with { type: "text" };
import firewallText from "./firewall.yaml" with { type: "text" };
import hostDeviceText from "./host-device.yaml" with { type: "text" };
import hostLocalText from "./host-local.yaml" with { type: "text" };
import hostLocalRequestsText from "./host-local-requests.yaml" with { type: "text" };
import hostLocalStoreText from "./host-local-store.yaml" with { type: "text" };
import interfaceAddText from "./interface-add.yaml" with { type: "text" };
import interfaceCheckText from "./interface-check.yaml" with { type: "text" };
import ipamText from "./ipam.yaml" with { type: "text" };
import ipvlanText from "./ipvlan.yaml" with { type: "text" };
import loopbackText from "./loopback.yaml" with { type: "text" };
import macvlanText from "./macvlan.yaml" with { type: "text" };
import portmapText from "./portmap.yaml" with { type: "text" };
import protocolText from "./protocol.yaml" with { type: "text" };
import ptpText from "./ptp.yaml" with { type: "text" };
import sbrText from "./sbr.yaml" with { type: "text" };
import staticText from "./static.yaml" with { type: "text" };
import tapText from "./tap.yaml" with { type: "text" };
import tuningText from "./tuning.yaml" with { type: "text" };
import vlanText from "./vlan.yaml" with { type: "text" };
import vrfText from "./vrf.yaml" with { type: "text" };

/** In the order in which they are told. */
const files: Readonly<Record<string, string>> = {
  protocol: protocolText,
  "interface-add": interfaceAddText,
  "interface-check": interfaceCheckText,
  delegation: delegationText,
  collect: collectText,
  ipam: ipamText,
  chained: chainedText,
  loopback: loopbackText,
  bridge: bridgeText,
  "bridge-settings": bridgeSettingsText,
  "bridge-filter": bridgeFilterText,
  ptp: ptpText,
  macvlan: macvlanText,
  ipvlan: ipvlanText,
  vlan: vlanText,
  dummy: dummyText,
  tap: tapText,
  "host-device": hostDeviceText,
  "host-local": hostLocalText,
  "host-local-store": hostLocalStoreText,
  "host-local-requests": hostLocalRequestsText,
  static: staticText,
  dhcp: dhcpText,
  tuning: tuningText,
  portmap: portmapText,
  firewall: firewallText,
  bandwidth: bandwidthText,
  sbr: sbrText,
  vrf: vrfText,
};

/** @throws FaultError bad-syntax */
export const builtInChapters = (): Chapter[] =>
  Object.entries(files).map(([name, text]) => parseChapter(text, `${name}.yaml`));
