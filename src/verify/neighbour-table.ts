/**
 * Has the kernel's neighbour table overflowed? One table serves every namespace of a machine, so that many pods on one
 * machine can fill it, and what then gets lost looks like a broken path.
 */
import { readFileSync } from "node:fs";

const tables = { 4: "arp_cache", 6: "ndisc_cache" } as const;

/** Sum over all processors of one hexadecimal column of a /proc/net/stat table. */
export const sumColumn = (text: string, column: string): number => {
  const [head, ...rows] = text.trim().split("\n");
  const at = head?.trim().split(/\s+/).indexOf(column) ?? -1;
  return at < 0 ? 0 : rows.reduce((n, row) => n + Number.parseInt(row.trim().split(/\s+/)[at] ?? "0", 16), 0);
};

const overflows = (table: string): number => {
  try {
    return sumColumn(readFileSync(`/proc/net/stat/${table}`, "utf8"), "table_fulls");
  } catch {
    return 0; // no such table, or /proc of another kind: nothing to say about it
  }
};

/** Takes the counts now; the function gives a note for each family whose table was full since. */
export const watchNeighbourTables = (): (() => string[]) => {
  const before = { 4: overflows(tables[4]), 6: overflows(tables[6]) };
  return () =>
    ([4, 6] as const).flatMap((f) => {
      const times = overflows(tables[f]) - before[f];
      const name = f === 4 ? "ipv4" : "ipv6";
      const mend = `sysctl -w net.${name}.neigh.default.gc_thresh3=16384`;
      return times > 0
        ? [
            `the machine's ${name} neighbour table was full ${times} times: packets were lost here, mend it with ${mend}`,
          ]
        : [];
    });
};
