/** An opening as rules of nf_tables. Pure. */
import { type Cidr, cidrFamily, networkOf } from "../../base/cidr.ts";
import type { Expr } from "../../kernel/codec/nft/expressions.ts";
import {
  ip,
  ip6,
  l4proto,
  match,
  matchPrefix,
  matchRange,
  nfproto,
  protocol,
  th,
  verdict,
} from "../../net/nft/build.ts";
import { ipKey, portKey } from "../../net/nft/keys.ts";
import type { Table } from "../../net/nft/types.ts";
import type { Opening } from "./openings.ts";

/** One rule of nf_tables for each. In a table of both families an address is looked at when it is of its family. */
export const exprsOf = (o: Opening, table: Table): Expr[][] => {
  const address = (side: "saddr" | "daddr", cidr: Cidr): Expr[] => {
    const f = cidrFamily(cidr);
    const field = f === 4 ? ip[side] : ip6[side];
    return [...(table.family === "inet" ? nfproto(f) : []), ...matchPrefix(field, ipKey(networkOf(cidr)), cidr.prefix)];
  };
  const accept = verdict("accept");
  if (o.to === "pods") return (["saddr", "daddr"] as const).map((side) => [...address(side, o.pods), ...accept]);
  const what =
    o.protocol === "ip"
      ? match(l4proto, Uint8Array.of(o.ports[0]))
      : [...protocol(o.protocol), ...matchRange(th.dport, portKey(o.ports[0]), portKey(o.ports[1]))];
  return [[...(o.from ? address("saddr", o.from) : []), ...what, ...accept]];
};
