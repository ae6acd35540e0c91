import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "portmap",
  kind: "meta",
  about: "leads ports of this host to ports of the pod",
  versions: cniVersions,
  capabilities: ["portMappings"],
} as const satisfies Face;
