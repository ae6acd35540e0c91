import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "vlan",
  kind: "main",
  about: "gives the pod a VLAN of a link of this host",
  versions: cniVersions,
  capabilities: [],
} as const satisfies Face;
