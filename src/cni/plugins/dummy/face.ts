import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "dummy",
  kind: "main",
  about: "gives the pod an interface that leads nowhere and has addresses",
  versions: cniVersions,
  capabilities: [],
} as const satisfies Face;
