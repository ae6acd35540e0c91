import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "sbr",
  kind: "meta",
  about: "routes what a pod sends by the address that it sends from",
  versions: cniVersions,
  capabilities: [],
} as const satisfies Face;
