/** host-device's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";
import { defaultDataDir } from "./parse.ts";

export const hostDeviceKeys: readonly KeyDoc[] = [
  { key: "device", type: "interface name", default: "none", meaning: "the device, by its name on the host" },
  { key: "hwaddr", type: "MAC", default: "none", meaning: "the device, by its MAC; `device` goes first" },
  {
    key: "kernelpath",
    type: "path below /sys/devices/",
    default: "none",
    meaning: "the device, by its place in the kernel's tree; `device` and `hwaddr` go first",
  },
  {
    key: "pciBusID",
    type: "PCI address",
    default: "none",
    meaning: "the same by its PCI address; all others go first",
  },
  {
    key: "runtimeConfig.deviceID",
    type: "PCI address or name on the auxiliary bus",
    default: "none",
    meaning: "the device that the runtime has chosen; `device`, `hwaddr` and `kernelpath` go first",
  },
  { key: "ipam", type: "object", default: "{}: layer 2 only", meaning: "config of the IPAM plugin, named by type" },
  { key: "dns", type: "object", default: "the IPAM plugin's", meaning: "dns of the result" },
  {
    key: "dataDir",
    type: "path",
    default: defaultDataDir,
    meaning: "where podwire keeps what each device was; not known to the reference",
  },
];
