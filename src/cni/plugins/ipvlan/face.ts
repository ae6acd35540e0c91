import type { Face } from "../../plugin.ts";
import { cniVersions } from "../../spec/types.ts";

export const face = {
  name: "ipvlan",
  kind: "main",
  about: "gives the pod an interface with its own IP addresses on a link of this host, whose MAC it shares",
  versions: cniVersions,
  capabilities: [],
} as const satisfies Face;
