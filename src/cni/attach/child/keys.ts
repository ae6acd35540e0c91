/** Config keys that plugins of links with a master share, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";

export const masterKey = (byDefault: string): KeyDoc => ({
  key: "master",
  type: "interface name",
  default: byDefault,
  meaning: "the link that the pod's interface hangs on",
});
export const mtuKey: KeyDoc = {
  key: "mtu",
  type: "bytes",
  default: "0: the master's",
  meaning: "MTU of the pod's interface, not above the master's",
};
export const inContainerKey: KeyDoc = {
  key: "linkInContainer",
  type: "true or false",
  default: "false",
  meaning: "the master is in the pod's namespace",
};
export const ipamKey = (byDefault: string): KeyDoc => ({
  key: "ipam",
  type: "object",
  default: byDefault,
  meaning: "config of the IPAM plugin, named by type",
});
export const dnsKey: KeyDoc = {
  key: "dns",
  type: "object",
  default: "the IPAM plugin's",
  meaning: "dns of the result",
};
