/** bandwidth's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";

const number = (key: string, type: string, meaning: string): KeyDoc => ({ key, type, default: "0: no limit", meaning });

export const bandwidthKeys: readonly KeyDoc[] = [
  number("ingressRate", "bits a second", "how fast the pod receives; goes with ingressBurst"),
  number("ingressBurst", "bits", "what it may receive at once after a pause"),
  number("egressRate", "bits a second", "how fast the pod sends; goes with egressBurst"),
  number("egressBurst", "bits", "what it may send at once after a pause"),
  {
    key: "shapedSubnets",
    type: "list of CIDRs",
    default: "[]: all",
    meaning: "only traffic with these is limited; not with unshapedSubnets",
  },
  {
    key: "unshapedSubnets",
    type: "list of CIDRs",
    default: "[]: none",
    meaning: "traffic with these is not limited; not with shapedSubnets",
  },
  {
    key: "runtimeConfig.bandwidth",
    type: "object",
    default: "none",
    meaning: "the same keys, of a pod's annotations; left aside when the config has any of them",
  },
];
