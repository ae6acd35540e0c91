/** `podwire node show neighbours`. */
import { chosen, linkNames, meansNothing } from "../choose.ts";
import { type NeighbourRow, readNeighbour, readNeighbours } from "../neighbours.ts";
import type { Noun } from "../noun.ts";
import { AF_INET, AF_INET6 } from "../request.ts";

const marks = ["router", "proxy", "managed", "extern_learn", "offload", "extern_valid"];

/** A word is a link, an address, or a link-layer address. */
const means = (n: NeighbourRow, word: string): boolean => n.dev === word || n.dst === word || n.lladdr === word;

const followed = (row: NeighbourRow): { key: string; row: object } => ({
  key: `${row.dev} ${row.dst} ${"proxy" in row}`,
  row,
});

export const neighbours: Noun<NeighbourRow> = {
  kind: "Neighbours",
  name: "neighbours",
  asIp: true,
  read: (ns, { family }, link) => readNeighbours(ns, family, link),
  choose: (rows, words, ns) =>
    chosen(rows, words, means, (word) => {
      const names = linkNames(ns);
      // A link without neighbours is no mistake.
      if (names.includes(word)) return;
      const known = [...names, ...rows.flatMap((r) => r.dst ?? [])];
      const why = "no link and no neighbour is called so";
      throw meansNothing("neighbour", why, known, word, "podwire node show neighbours");
    }),
  lines: (rows) => rows,
  line: (row) => row as NeighbourRow,
  columns: [
    { head: "ADDRESS", cell: (n) => n.dst ?? "" },
    { head: "LINK", cell: (n) => n.dev ?? "" },
    { head: "MAC", cell: (n) => n.lladdr ?? "" },
    { head: "STATE", cell: (n) => (n.state ?? []).join(",") },
    { head: "PROTOCOL", cell: (n) => n.protocol ?? "", wide: true },
    { head: "FLAGS", cell: (n) => marks.filter((name) => name in n).join(","), wide: true },
  ],
  watch: {
    groups: ["neighbour"],
    rows: (rows) => rows.map(followed),
    read:
      ({ family, words }, link) =>
      (of, from, to) => {
        if (family !== undefined && of.bytes[from] !== (family === 4 ? AF_INET : AF_INET6)) return undefined;
        const row = readNeighbour(of, from, to, link);
        return row && (words.length === 0 || words.some((word) => means(row, word))) ? followed(row) : undefined;
      },
  },
};
