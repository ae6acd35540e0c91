import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "static",
  kind: "ipam",
  about: "gives the addresses that the config or the caller names",
  versions: cniVersions,
  capabilities: ["ips"],
} as const satisfies Face;
