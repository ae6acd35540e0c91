/** tuning's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";
import { defaultDataDir } from "./config.ts";

const over = (key: string, type: string): KeyDoc => ({
  key: `args.cni.${key}`,
  type,
  default: "none",
  meaning: `the same as ${key}, and goes before it`,
});

export const tuningKeys: readonly KeyDoc[] = [
  {
    key: "sysctl",
    type: "object of name and value",
    default: "{}",
    meaning: "sysctls of the pod, below net; by dots or slashes; IFNAME in a name stands for the pod's interface",
  },
  { key: "mac", type: "MAC", default: "left as it is", meaning: "MAC of the pod's interface" },
  { key: "mtu", type: "bytes", default: "0: left as it is", meaning: "MTU of the pod's interface" },
  { key: "promisc", type: "true or false", default: "false: left as it is", meaning: "takes frames of all MACs" },
  { key: "allmulti", type: "true or false", default: "left as it is", meaning: "takes all multicast frames" },
  { key: "txQLen", type: "packets", default: "left as it is", meaning: "length of the queue for sending" },
  { key: "dataDir", type: "path", default: defaultDataDir, meaning: "folder of the files with former values" },
  { key: "CNI_ARGS MAC", type: "MAC", default: "none", meaning: "goes before mac" },
  { key: "runtimeConfig.mac", type: "MAC", default: "none", meaning: "goes before mac and CNI_ARGS" },
  over("mac", "MAC"),
  over("sysctl", "object of name and value"),
  over("mtu", "bytes"),
  over("promisc", "true or false"),
  over("allmulti", "true or false"),
  over("txQLen", "packets"),
];
