import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "bridge",
  kind: "main",
  about: "connects the pod to a bridge of this host by a veth pair",
  versions: cniVersions,
  capabilities: ["mac"],
} as const satisfies Face;
