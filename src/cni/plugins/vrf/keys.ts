/** vrf's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";

export const vrfKeys: readonly KeyDoc[] = [
  {
    key: "vrfname",
    type: "interface name",
    default: "none: required",
    meaning: "the VRF in the pod; made when it is missing",
  },
  {
    key: "table",
    type: "routing table",
    default: "0: the first free one",
    meaning: "table of the VRF; one that is there has to have it",
  },
];
