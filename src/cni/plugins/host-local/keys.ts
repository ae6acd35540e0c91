/** host-local's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";
import { defaultDataDir } from "./config.ts";

export const hostLocalKeys: readonly KeyDoc[] = [
  {
    key: "ipam.ranges",
    type: "list of range sets, each a list of {subnet, rangeStart, rangeEnd, gateway}",
    default: "none",
    meaning: "one address is given of each set; the ranges of a set are of one family",
  },
  { key: "ipam.subnet", type: "CIDR", default: "none", meaning: "a single range; goes before ranges" },
  { key: "ipam.rangeStart", type: "IP", default: "second address of the subnet", meaning: "first address to give" },
  {
    key: "ipam.rangeEnd",
    type: "IP",
    default: "last address of the subnet, without the broadcast address",
    meaning: "last address to give",
  },
  {
    key: "ipam.gateway",
    type: "IP",
    default: "second address of the subnet; none for /31 and /127",
    meaning: "gateway in the result; never given out",
  },
  { key: "ipam.routes", type: "list of {dst, gw, ...}", default: "[]", meaning: "routes in the result, as they are" },
  { key: "ipam.dataDir", type: "path", default: defaultDataDir, meaning: "root of the reservations" },
  { key: "ipam.resolvConf", type: "path", default: "none", meaning: "resolv.conf whose content is the result's dns" },
  {
    key: "runtimeConfig.ipRanges",
    type: "as ipam.ranges",
    default: "none",
    meaning: "range sets of the runtime; go before all others",
  },
  { key: "runtimeConfig.ips", type: "list of IP or CIDR", default: "[]", meaning: "addresses asked for" },
  { key: "args.cni.ips", type: "list of IP or CIDR", default: "[]", meaning: "addresses asked for" },
  { key: "CNI_ARGS IP", type: "IP or CIDR", default: "none", meaning: "address asked for" },
];
