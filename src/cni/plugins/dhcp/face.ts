import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "dhcp",
  kind: "ipam",
  about: "asks a DHCP server for the pod's address and keeps it; `dhcp daemon` does the asking",
  versions: cniVersions,
  capabilities: [],
  throughLink: true,
} as const satisfies Face;
