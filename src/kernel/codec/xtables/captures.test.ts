/** What the kernel handed out, byte by byte: a table of iptables-legacy, and matches and targets that iptables wrote. */
import { expect, test } from "bun:test";
import { unhex } from "../../../base/bytes.ts";
import { readMatch } from "./matches.ts";
import { FLAG, INVERT, infoRequest, readEntries, readInfo } from "./table.ts";
import { readTarget } from "./targets.ts";
import { legacyFilter } from "./testing/legacy-filter.ts";

test("a table's entries: addresses, links with a wildcard, matches, jumps and policies", () => {
  const entries = readEntries(legacyFilter.entries, 4);
  expect(entries.length).toBe(legacyFilter.info.count);
  const [first, policy] = entries;
  expect(first).toMatchObject({
    offset: 0,
    src: unhex("0a000000"),
    srcMask: unhex("ff000000"),
    in: { name: "up", exact: false },
    out: undefined,
    protocol: 6,
    inverted: INVERT.src,
    target: { name: "standard", info: unhex("40030000 00000000") },
  });
  expect(first!.matches.map((m) => readMatch(m.name, m.rev, m.info, 4))).toEqual([
    { is: "tcp", dport: { from: 22, to: 80, not: false } },
  ]);
  // -1: DROP
  expect(policy!.target.info.subarray(0, 4)).toEqual(unhex("ffffffff"));
  const goes = entries.find((e) => e.flags & FLAG[4].goto);
  expect(goes?.offset).toBe(832);
  expect(entries.filter((e) => e.target.name === "ERROR").length).toBe(3);
});

test("a request for a table's head is its name in a struct of the answer's size", () => {
  const asked = infoRequest("filter");
  expect(asked.length).toBe(84);
  expect(new TextDecoder().decode(asked.subarray(0, 7))).toBe("filter\0");
  expect(readInfo(asked)).toEqual({
    validHooks: 0,
    hookEntry: [0, 0, 0, 0, 0],
    underflow: [0, 0, 0, 0, 0],
    count: 0,
    size: 0,
  });
});

const zeros = (n: number): string => "00".repeat(n);

test("-m conntrack ! --ctstate NEW --ctorigdstport 22:23", () => {
  const info = `${zeros(140)}1600 0000 0000 0102 0100 0800 0000 0000 1700 0000 0000 0000 0000 0000`;
  expect(readMatch("conntrack", 3, unhex(info), 4)).toMatchObject({
    is: "conntrack",
    looks: 0x201,
    not: 1,
    states: 8,
    origDstPort: { from: 22, to: 23 },
  });
});

test("-m multiport --dports 22,80:90", () => {
  const info = `01 03 1600 5000 5a00 ${zeros(24)} 00 01 ${zeros(14)}`;
  expect(readMatch("multiport", 1, unhex(info), 4)).toEqual({
    is: "multiport",
    which: "dst",
    ranges: [
      { from: 22, to: 22 },
      { from: 80, to: 90 },
    ],
    not: false,
  });
});

test("-m addrtype --dst-type LOCAL --limit-iface-in", () => {
  expect(readMatch("addrtype", 1, unhex("0000 0400 04000000"), 4)).toEqual({
    is: "addrtype",
    src: 0,
    dst: 4,
    notSrc: false,
    notDst: false,
    limit: "in",
  });
});

test("-m iprange --src-range 10.0.0.1-10.0.0.9", () => {
  const info = `0a000001 ${zeros(12)} 0a000009 ${zeros(12)} ${zeros(32)} 01 000000`;
  expect(readMatch("iprange", 1, unhex(info), 4)).toMatchObject({
    src: { from: "10.0.0.1", to: "10.0.0.9", not: false },
  });
});

test("targets: REJECT, DNAT with ranges, CONNMARK --save-mark, MARK", () => {
  expect(readTarget("REJECT", 0, unhex("07000000 00000000"), 4)).toEqual({ is: "reject", with: 7 });
  const dnat = `03000000 0a010002 ${zeros(12)} 0a010003 ${zeros(12)} 0050 0051 0000 0000`;
  expect(readTarget("DNAT", 2, unhex(dnat), 4)).toEqual({
    is: "dnat",
    range: { flags: 3, from: unhex("0a010002"), to: unhex("0a010003"), ports: { from: 80, to: 81 } },
  });
  expect(readTarget("CONNMARK", 2, unhex("00000000 ffffffff ffffffff 00 00 01 00"), 4)).toEqual({
    is: "connmark",
    mode: "save",
    mark: 0,
    mask: 0xffffffff,
    nfmask: 0xffffffff,
  });
  expect(readTarget("MARK", 2, unhex("07000000 ffffffff"), 4)).toEqual({ is: "mark", mark: 7, mask: 0xffffffff });
});

test("what is not known, or is shorter than its revision says, stays a name", () => {
  expect(readMatch("nonsense", 0, unhex("00"), 4)).toEqual({ is: "other", name: "nonsense" });
  expect(readMatch("conntrack", 3, unhex("00"), 4)).toEqual({ is: "other", name: "conntrack" });
  expect(readMatch("mark", 9, unhex(zeros(12)), 4)).toEqual({ is: "other", name: "mark" });
  expect(readTarget("NONSENSE", 0, unhex("00"), 4)).toEqual({ is: "other", name: "NONSENSE" });
});
