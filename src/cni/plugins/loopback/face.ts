import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "loopback",
  kind: "main",
  about: "brings up the loopback interface of the pod",
  versions: cniVersions,
  capabilities: [],
} as const satisfies Face;
