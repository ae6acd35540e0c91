import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "vrf",
  kind: "meta",
  about: "puts the pod's interface into a VRF, with a routing table of its own",
  // A chain needs the result format of 0.3.0, and this plugin began with 0.3.1.
  versions: cniVersions.slice(3),
  capabilities: [],
} as const satisfies Face;
