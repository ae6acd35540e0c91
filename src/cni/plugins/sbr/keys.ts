/** sbr's config keys, for help, docs and schemas. */
import type { KeyDoc } from "../../plugin.ts";
import { firstTable } from "./config.ts";

export const sbrKeys: readonly KeyDoc[] = [
  {
    key: "table",
    type: "number of a routing table",
    default: `a free one for each address, from ${firstTable}`,
    meaning: "rules lead to this table; it is left as it is, and so are the interface's routes",
  },
  {
    key: "gateways",
    type: "list of IP, at most one of each family",
    default: "the gateways of the result",
    meaning: "where the default route of each address's table leads; not with table",
  },
  {
    key: "addSourceHints",
    type: "true or false",
    default: "false",
    meaning: "table main keeps the routes to the interface's subnets, with its address as source; not with table",
  },
];
