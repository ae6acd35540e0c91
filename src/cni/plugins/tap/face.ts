import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "tap",
  kind: "main",
  about: "makes a tap device in the pod, for a virtual machine to run on",
  versions: cniVersions,
  capabilities: ["mac"],
} as const satisfies Face;
