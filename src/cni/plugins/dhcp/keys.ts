/** dhcp's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";
import { defaultSocket } from "./parse.ts";

export const dhcpKeys: readonly KeyDoc[] = [
  { key: "ipam.daemonSocketPath", type: "path", default: defaultSocket, meaning: "socket of `dhcp daemon`" },
  {
    key: "ipam.provide",
    type: "list of {option, value, fromArg}",
    default: "[]",
    meaning: "options that the server is told; the value is that of the key fromArg of CNI_ARGS, else value",
  },
  {
    key: "ipam.request",
    type: "list of {option, skipDefault}",
    default: "options 1, 121, 3, 33, 6, 15, 119",
    meaning: "options asked for besides the default ones; skipDefault in any entry leaves those out",
  },
  { key: "ipam.priority", type: "number", default: "0: none", meaning: "metric of the routes in the result" },
];
