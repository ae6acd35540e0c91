/** The config of `sbr` as values. */
import type { Family, Ip } from "../../../base/ip.ts";

export interface SbrConfig {
  /** Rules lead to this table, of which nothing is made; absent: each address has a table of its own. */
  readonly table?: number;
  /** Default gateway of the tables; absent: those that result and routes name. */
  readonly gateways: Readonly<Partial<Record<Family, Ip>>>;
  /** Table main keeps the subnets' routes, with the interface's address as source. */
  readonly sourceHints: boolean;
}

/** Where the search for a free table begins, as in the reference. */
export const firstTable = 100;
