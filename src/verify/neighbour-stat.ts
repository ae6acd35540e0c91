/** The kernel's neighbour tables, counted: /proc/net/stat. One table of each family serves every namespace of a machine. */
import { readFileSync } from "node:fs";
import type { Family } from "../base/ip.ts";

const tables = { 4: "arp_cache", 6: "ndisc_cache" } as const;

/** One column, a number for each processor, from rows of hexadecimal numbers under a line of names. */
export const readColumn = (text: string, column: string): number[] => {
  const [head, ...rows] = text.trim().split("\n");
  const at = head?.trim().split(/\s+/).indexOf(column) ?? -1;
  return at < 0 ? [] : rows.map((row) => Number.parseInt(row.trim().split(/\s+/)[at] ?? "0", 16));
};

const read = (f: Family, column: string): number[] => {
  try {
    return readColumn(readFileSync(`/proc/net/stat/${tables[f]}`, "utf8"), column);
  } catch {
    return []; // no such table, or a /proc of another kind: nothing is known about it
  }
};

/** Entries in the table now, of all namespaces. Undefined outside the machine's first namespace, which alone may know. */
export const neighbourEntries = (f: Family): number | undefined => read(f, "entries")[0];

/** How often an entry was refused since boot, because the table was full. */
export const neighbourOverflows = (f: Family): number => read(f, "table_fulls").reduce((n, x) => n + x, 0);
