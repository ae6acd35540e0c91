/** tap's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";

const number = (key: string, meaning: string): KeyDoc => ({ key, type: "number", default: "nobody", meaning });

export const tapKeys: readonly KeyDoc[] = [
  { key: "mtu", type: "bytes", default: "0: the kernel's", meaning: "MTU of the device" },
  { key: "multiQueue", type: "true or false", default: "false", meaning: "several queues, for several threads" },
  number("owner", "the user who may open the device without privileges"),
  number("group", "the group whose members may open the device without privileges"),
  { key: "selinuxContext", type: "string", default: "podwire's own", meaning: "SELinux context of the device" },
  { key: "bridge", type: "interface name", default: "none", meaning: "a bridge inside the pod that the device joins" },
  { key: "ipam", type: "object", default: "{}: layer 2 only", meaning: "config of the IPAM plugin, named by type" },
  { key: "dns", type: "object", default: "the IPAM plugin's", meaning: "dns of the result" },
  { key: "mac", type: "MAC", default: "random", meaning: "MAC of the device" },
  { key: "runtimeConfig.mac", type: "MAC", default: "random", meaning: "the same; goes before all others" },
  { key: "args.cni.mac", type: "MAC", default: "random", meaning: "the same; goes before CNI_ARGS and mac" },
  { key: "CNI_ARGS MAC", type: "MAC", default: "random", meaning: "the same; goes before mac" },
];
