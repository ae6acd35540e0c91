/** Expressions of others' rules as the kernel tells them, loaded with `nft` 1.0.6: name, then attributes in network order. */
import { expect, test } from "bun:test";
import { unhex } from "../../../base/bytes.ts";
import { type Expr, exprOne } from "./expressions.ts";

/** NFTA_EXPR_NAME and NFTA_EXPR_DATA. */
test.each<[string, string, Expr]>([
  [
    "socket transparent",
    "0b000100 736f636b65740000 14000200 0800010000000000 0800020000000001",
    { name: "socket", key: 0, dreg: 1 },
  ],
  [
    "tcp option maxseg size",
    `0b000100 6578746864720000 34000200 0800010000000001 0500020002000000 0800030000000002 0800040000000002
     0800050000000000 0800060000000001`,
    { name: "exthdr", dreg: 1, type: 2, offset: 2, len: 2, flags: 0, op: 1 },
  ],
  [
    "fib saddr . iif oif missing",
    "08000100 66696200 1c000200 0800010000000001 0800020000000001 0800030000000029",
    { name: "fib", dreg: 1, result: 1, flags: 1 | 8 | 32 },
  ],
  [
    "numgen random mod 2",
    "0b000100 6e756d67656e0000 24000200 0800010000000001 0800020000000002 0800030000000001 0800040000000000",
    { name: "numgen", dreg: 1, modulus: 2, type: 1, offset: 0 },
  ],
  ["reject with tcp reset", "0b000100 72656a6563740000 0c000200 0800010000000001", { name: "reject", type: 1 }],
  [
    "ct original proto-dst",
    "07000100 63740000 1c000200 0800010000000001 080002000000000c 0500030000000000",
    { name: "ct", dreg: 1, key: 12, direction: 0 },
  ],
  [
    "ct count over 5",
    "0e000100 636f6e6e6c696d6974000000 14000200 0800010000000005 0800020000000001",
    { name: "connlimit", count: 5, flags: 1 },
  ],
  [
    "tproxy to :5000",
    "0b000100 7470726f78790000 14000200 0800010000000000 0800030000000001",
    { name: "tproxy", family: 0, port: 1 },
  ],
])("%s", (_line, capture, value) => {
  const bytes = unhex(capture);
  expect(exprOne.read(bytes)).toEqual(value);
  expect(exprOne.read(exprOne.write(value))).toEqual(value);
});

test("an expression that nobody knows keeps its bytes", () => {
  const bytes = unhex("0c000100 737472616e676500 08000200 deadbeef");
  const read = exprOne.read(bytes);
  expect(read).toEqual({ name: "strange", raw: unhex("deadbeef") });
  expect(exprOne.write(read).length).toBe(bytes.length);
});
