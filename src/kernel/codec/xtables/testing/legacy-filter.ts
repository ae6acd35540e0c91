/**
 * Table `filter` of iptables-legacy 1.8.9, as IPT_SO_GET_INFO and IPT_SO_GET_ENTRIES gave it:
 *
 *   -P INPUT DROP, -P FORWARD ACCEPT, -P OUTPUT ACCEPT
 *   -A INPUT ! -s 10.0.0.0/8 -i up+ -p tcp -m tcp --dport 22:80 -j mine
 *   -A mine -g mine2
 */
import { unhex } from "../../../../base/bytes.ts";
import type { TableInfo } from "../table.ts";

/** Offsets and what stands there; the rest is zero. */
const lines: readonly (readonly [number, string])[] = [
  [0, "0a000000 00000000 ff000000"], // -s 10.0.0.0/8
  [16, "7570 2b"], // -i up+
  [48, "ffff"], // of which two bytes count
  [80, "0600 00 08"], // tcp, ! -s
  [88, "a000 c800 02000000"], // the target at 160, the next entry at 200
  [112, "3000 746370"], // -m tcp
  [146, "ffff 1600 5000"], // any source port, 22 to 80
  [160, "2800"],
  [192, "40030000"], // -j: to the entry at 832
  [288, "7000 9800 02000000"],
  [312, "2800"],
  [344, "ffffffff"], // -P INPUT DROP
  [440, "7000 9800 04000000"],
  [464, "2800"],
  [496, "feffffff"], // -P FORWARD ACCEPT
  [592, "7000 9800 08000000"],
  [616, "2800"],
  [648, "feffffff"], // -P OUTPUT ACCEPT
  [744, "7000 b000"],
  [768, "4000 4552524f52"], // ERROR
  [800, "6d696e65"], // -N mine
  [914, "02"], // goto
  [920, "7000 9800 02000000"],
  [944, "2800"],
  [976, "20050000"], // -g: to the entry at 1312
  [1072, "7000 9800 02000000"],
  [1096, "2800"],
  [1128, "fbffffff"], // RETURN
  [1224, "7000 b000"],
  [1248, "4000 4552524f52"],
  [1280, "6d696e6532"], // -N mine2
  [1400, "7000 9800 02000000"],
  [1424, "2800"],
  [1456, "fbffffff"],
  [1552, "7000 b000"],
  [1576, "4000 4552524f52"],
  [1608, "4552524f52"],
];

const bytes = new Uint8Array(1640);
for (const [at, text] of lines) bytes.set(unhex(text), at);

export const legacyFilter: { readonly info: TableInfo; readonly entries: Uint8Array } = {
  info: {
    validHooks: 14,
    hookEntry: [0xffffffff, 0, 352, 504, 0xffffffff],
    underflow: [0xffffffff, 200, 352, 504, 0xffffffff],
    count: 10,
    size: 1640,
  },
  entries: bytes,
};
