import type { Face } from "../../plugin.ts";

export const face = {
  name: "bandwidth",
  kind: "meta",
  about: "limits how fast a pod receives and sends",
  // Before them a result has no interfaces to tell of.
  versions: ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"],
  capabilities: ["bandwidth"],
} as const satisfies Face;
