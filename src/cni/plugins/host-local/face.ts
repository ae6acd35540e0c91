import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "host-local",
  kind: "ipam",
  about: "gives addresses from ranges and remembers them in files of this host",
  versions: cniVersions,
  capabilities: ["ipRanges", "ips"],
} as const satisfies Face;
