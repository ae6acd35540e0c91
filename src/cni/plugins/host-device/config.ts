/** The config of `host-device` as values. */
import type { Mac } from "../../../base/mac.ts";
import type { Dns } from "../../spec/types.ts";

/** How the device is named. */
export type Named =
  | { readonly by: "device"; readonly name: string }
  | { readonly by: "hwaddr"; readonly mac: Mac }
  /** Below /sys/devices/. */
  | { readonly by: "kernelpath"; readonly path: string }
  | { readonly by: "pciBusID"; readonly id: string }
  /** On the PCI bus or on the auxiliary bus. */
  | { readonly by: "deviceID"; readonly id: string };

export interface HostDeviceConfig {
  /** Absent where the runtime names the device, and does so only for ADD. */
  readonly named?: Named;
  /** Type of the IPAM plugin; absent is layer 2 only. */
  readonly ipam?: string;
  readonly dns: Dns;
  /** Where it is kept what the devices were. */
  readonly dataDir: string;
}

/** As the config says it: `pciBusID 0000:00:1f.6`. */
export const namedText = (n: Named): string => {
  switch (n.by) {
    case "device":
      return `device ${n.name}`;
    case "hwaddr":
      return `hwaddr ${n.mac}`;
    case "kernelpath":
      return `kernelpath ${n.path}`;
    default:
      return `${n.by} ${n.id}`;
  }
};
