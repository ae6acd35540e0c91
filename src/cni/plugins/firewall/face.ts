import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";
import { atLeast } from "../../spec/version.ts";

export const face = {
  name: "firewall",
  kind: "meta",
  about: "lets a pod's traffic through this host's firewall, and keeps bridges apart",
  versions: cniVersions.filter((v) => atLeast(v, "0.4.0")),
  capabilities: [],
} as const satisfies Face;
