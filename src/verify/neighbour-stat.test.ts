import { expect, test } from "bun:test";
import { readColumn } from "./neighbour-stat.ts";

// Captured from /proc/net/stat/arp_cache of Linux 6.18 with two processors; middle columns left out.
const captured = `entries  allocs   destroys hash_grows table_fulls
00000001 00009f4b 0000ad0a 00000006   0000029c
00000001 000171a0 000163e0 00000002   00000a00
`;

test("a column is read by its name, as hexadecimal, for each processor", () => {
  expect(readColumn(captured, "entries")).toEqual([1, 1]);
  expect(readColumn(captured, "table_fulls")).toEqual([0x29c, 0xa00]);
});

test("a column that this kernel does not have is empty", () => {
  expect(readColumn(captured, "unresolved_discards")).toEqual([]);
  expect(readColumn("", "entries")).toEqual([]);
});
