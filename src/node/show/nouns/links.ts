/** `podwire node show links`. */
import { chosen, noLink } from "../choose.ts";
import { linkDetails } from "../link-details.ts";
import type { LinkRow } from "../link-row.ts";
import { linkReader, readLinks } from "../links.ts";
import type { Noun } from "../noun.ts";

export const isCalled = (row: LinkRow, word: string): boolean =>
  row.ifname === word || (row.altnames?.includes(word) ?? false);

/** What it lies on, or is the other end of: `v1`, or `7 (elsewhere)` for an index of another namespace. */
const other = (row: LinkRow): string =>
  row.link ?? (row.link_index === undefined ? "" : `${row.link_index} (elsewhere)`);

export const kindOf = (row: LinkRow): string =>
  row.linkinfo?.info_kind ?? (row.link_type === "loopback" ? "loopback" : "");

/** Settings of the kind that a person asks for first. */
const settings = (row: LinkRow): string => {
  const data = row.linkinfo?.info_data ?? {};
  const said = ["id", "protocol", "mode", "local", "remote", "port", "table", "vlan_filtering", "stp_state", "type"];
  return said.flatMap((name) => (data[name] === undefined ? [] : [`${name} ${data[name]}`])).join(", ");
};

export const links: Noun<LinkRow> = {
  kind: "Links",
  name: "links",
  asIp: true,
  read: (ns, { details }, link) =>
    readLinks(ns, { of: "link", details: details ? linkDetails({ link }) : undefined }, link),
  choose: (rows, words, ns) =>
    chosen(rows, words, isCalled, (word) => {
      throw noLink(ns, word);
    }),
  lines: (rows) => rows,
  line: (row) => row as LinkRow,
  columns: [
    { head: "INDEX", cell: (r) => String(r.ifindex), right: true },
    { head: "NAME", cell: (r) => r.ifname },
    { head: "KIND", cell: kindOf },
    { head: "STATE", cell: (r) => (r.flags.includes("UP") ? (r.operstate ?? "") : "down (not set up)") },
    { head: "MTU", cell: (r) => String(r.mtu ?? ""), right: true },
    { head: "MAC", cell: (r) => r.address ?? "" },
    { head: "MASTER", cell: (r) => r.master ?? "" },
    { head: "LINK", cell: other },
    { head: "FLAGS", cell: (r) => r.flags.join(","), wide: true },
    { head: "QDISC", cell: (r) => r.qdisc ?? "", wide: true },
    { head: "GROUP", cell: (r) => r.group ?? "", wide: true },
    { head: "SETTINGS", cell: settings, wide: true },
    { head: "ALIAS", cell: (r) => r.ifalias ?? "", wide: true },
  ],
  watch: {
    groups: ["link"],
    rows: (rows) => rows.map((row) => ({ key: String(row.ifindex), row })),
    read:
      ({ details }, link) =>
      (of, from, to) => {
        // Bridges tell of their ports under a family of their own.
        if (of.bytes[from] !== 0) return undefined;
        const reader = linkReader({ of: "link", details: details ? linkDetails({ link }) : undefined }, link);
        reader.add(of, from, to);
        const row = reader.settle()[0]!;
        return { key: String(row.ifindex), row };
      },
  },
};
