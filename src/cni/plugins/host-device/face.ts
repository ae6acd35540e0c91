import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "host-device",
  kind: "main",
  about: "moves a network device of this host into the pod, and brings it back as it was",
  versions: cniVersions,
  capabilities: ["deviceID"],
} as const satisfies Face;
