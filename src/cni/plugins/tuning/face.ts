import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "tuning",
  kind: "meta",
  about: "sets sysctls and link attributes of the pod's interface, and puts them back",
  versions: cniVersions,
  capabilities: ["mac"],
} as const satisfies Face;
