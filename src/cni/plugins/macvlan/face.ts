import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "macvlan",
  kind: "main",
  about: "gives the pod an interface with its own MAC on a link of this host",
  versions: cniVersions,
  capabilities: ["mac"],
} as const satisfies Face;
