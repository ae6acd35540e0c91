/** static's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";

export const staticKeys: readonly KeyDoc[] = [
  {
    key: "ipam.addresses",
    type: "list of {address: CIDR, gateway: IP}",
    default: "[]",
    meaning: "addresses to give; an empty gateway is none",
  },
  { key: "ipam.routes", type: "list of {dst, gw, ...}", default: "[]", meaning: "routes in the result, as they are" },
  { key: "ipam.dns", type: "object", default: "none", meaning: "dns of the result" },
  {
    key: "runtimeConfig.ips",
    type: "list of CIDR",
    default: "[]",
    meaning: "addresses to give instead of all others, without gateways",
  },
  {
    key: "args.cni.ips",
    type: "list of CIDR",
    default: "[]",
    meaning: "addresses to give instead of ipam's and CNI_ARGS', without gateways",
  },
  { key: "CNI_ARGS IP", type: "CIDR, or several with commas", default: "none", meaning: "addresses to give besides" },
  {
    key: "CNI_ARGS GATEWAY",
    type: "IP, or several with commas",
    default: "none",
    meaning: "gateway of each address of IP whose subnet it is in",
  },
];
