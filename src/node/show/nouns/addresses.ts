/** `podwire node show addresses`. */
import { type AddressRow, type LinkAddressesRow, readAddress, readAddresses } from "../addresses.ts";
import { chosen, noLink } from "../choose.ts";
import { linkDetails } from "../link-details.ts";
import type { Noun } from "../noun.ts";
import { AF_INET, AF_INET6 } from "../request.ts";
import { isCalled } from "./links.ts";

/** One address, with the link that has it. */
interface Line extends AddressRow {
  readonly ifindex: number;
  readonly ifname: string;
  readonly operstate?: string;
}

const NEVER = 0xffffffff;
const life = (seconds: number | undefined): string => (seconds === undefined || seconds === NEVER ? "" : `${seconds}s`);

/** What is said of an address beside where it is. */
const remarks = (a: Line): string =>
  Object.entries(a)
    .flatMap(([name, value]) => (value === true ? [name] : []))
    .join(",");

const keyOf = (a: Line): string => `${a.ifindex} ${a.local} ${a.prefixlen} ${a.address ?? ""}`;
/** Times run down; they are no change. */
const still = ({ valid_life_time, preferred_life_time, ...rest }: Line): object => ({
  ...rest,
  ...(valid_life_time === NEVER ? {} : { expires: true }),
  ...(preferred_life_time === 0 ? { deprecated: true } : {}),
});

const linesOf = (rows: readonly LinkAddressesRow[]): Line[] =>
  rows.flatMap((row) =>
    row.addr_info.map((a) => ({
      ifindex: row.ifindex,
      ifname: row.ifname,
      ...(row.operstate === undefined ? {} : { operstate: row.operstate }),
      ...a,
    })),
  );

export const addresses: Noun<LinkAddressesRow, Line> = {
  kind: "Addresses",
  name: "addresses",
  asIp: true,
  read: (ns, { family, details }, link) =>
    readAddresses(ns, family, { details: details ? linkDetails({ link }) : undefined }, link),
  choose: (rows, words, ns) =>
    chosen(rows, words, isCalled, (word) => {
      throw noLink(ns, word);
    }),
  lines: linesOf,
  line: (row) => row as Line,
  columns: [
    { head: "LINK", cell: (a) => a.ifname },
    { head: "ADDRESS", cell: (a) => `${a.local}/${a.prefixlen}` },
    { head: "PEER", cell: (a) => a.address ?? "", wide: true },
    { head: "SCOPE", cell: (a) => a.scope },
    { head: "STATE", cell: (a) => a.operstate ?? "" },
    { head: "FLAGS", cell: remarks },
    { head: "BROADCAST", cell: (a) => a.broadcast ?? "", wide: true },
    { head: "LABEL", cell: (a) => a.label ?? "", wide: true },
    { head: "VALID", cell: (a) => life(a.valid_life_time), wide: true },
    { head: "PREFERRED", cell: (a) => life(a.preferred_life_time), wide: true },
  ],
  watch: {
    groups: ["address"],
    unsaid: ["link"],
    rows: (rows) => linesOf(rows).map(({ operstate: _, ...a }) => ({ key: keyOf(a as Line), row: still(a as Line) })),
    read:
      ({ family, words }, link) =>
      (of, from, to) => {
        const af = of.bytes[from];
        if (family !== undefined && af !== (family === 4 ? AF_INET : AF_INET6)) return undefined;
        const { index, row } = readAddress(of, from, to);
        const line = { ifindex: index, ifname: link(index), ...row } as Line;
        if (words.length > 0 && !words.includes(line.ifname)) return undefined;
        return { key: keyOf(line), row: still(line) };
      },
  },
};
