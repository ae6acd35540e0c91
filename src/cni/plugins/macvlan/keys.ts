/** macvlan's config keys, for help, docs and schemas. */
import { dnsKey, inContainerKey, ipamKey, masterKey, mtuKey } from "../../attach/child/keys.ts";
import type { KeyDoc } from "../../plugin.ts";

export const macvlanKeys: readonly KeyDoc[] = [
  masterKey("the default route's"),
  {
    key: "mode",
    type: "bridge, private, vepa or passthru",
    default: "bridge",
    meaning: "whom pods on the master reach: each other; not each other; each other by a switch outside; alone on it",
  },
  mtuKey,
  { key: "mac", type: "MAC", default: "random", meaning: "MAC of the pod's interface; not with passthru" },
  {
    key: "bcqueuelen",
    type: "0 to 4294967295 frames",
    default: "0: the kernel's",
    meaning: "how many broadcasts may wait; the master has the longest that one of its links asks for",
  },
  inContainerKey,
  ipamKey("{}: layer 2 only"),
  dnsKey,
  { key: "runtimeConfig.mac", type: "MAC", default: "random", meaning: "MAC of the pod's interface, goes before mac" },
  { key: "args.cni.mac", type: "MAC", default: "random", meaning: "the same; runtimeConfig goes first" },
  { key: "CNI_ARGS MAC", type: "MAC", default: "random", meaning: "the same; the other two go first" },
];
