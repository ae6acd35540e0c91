import type { Face } from "../../plugin.ts";

export const face = {
  name: "vrf",
  kind: "meta",
  about: "puts the pod's interface into a VRF, with a routing table of its own",
  // A chain needs the result format of 0.3.0, and this plugin began with 0.3.1.
  versions: ["0.3.1", "0.4.0", "1.0.0", "1.1.0"],
  capabilities: [],
} as const satisfies Face;
