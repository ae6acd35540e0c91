import type { Face } from "../../plugin.ts";

export const face = {
  name: "firewall",
  kind: "meta",
  about: "lets a pod's traffic through this host's firewall, and keeps bridges apart",
  versions: ["0.4.0", "1.0.0", "1.1.0"],
  capabilities: [],
} as const satisfies Face;
