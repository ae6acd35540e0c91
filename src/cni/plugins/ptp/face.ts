import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "ptp",
  kind: "main",
  about: "connects the pod to this host by a veth pair, the host routes",
  versions: cniVersions,
  capabilities: [],
} as const satisfies Face;
