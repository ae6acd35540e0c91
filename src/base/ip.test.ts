import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { bitsOf, compareIp, family, ipAdd, ipBytes, ipFromBig, ipFromBytes, ipToBig, parseIp, tryIp } from "./ip.ts";

const bytes = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  // Runs of zeros, which random bytes never have: RFC 5952's rules are about them.
  fc.array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 }).map((a) => Uint8Array.from(a)),
);

describe("an address", () => {
  test("is spelled as ipaddr.js spells it (RFC 5952)", () => {
    fc.assert(
      fc.property(bytes, (b) => {
        const theirs = ipaddr.fromByteArray([...b]);
        // ipaddr.js spells mapped addresses in hex; RFC 5952 section 5 recommends the dotted form.
        fc.pre(!(theirs instanceof ipaddr.IPv6 && theirs.isIPv4MappedAddress()));
        const rfc = theirs instanceof ipaddr.IPv6 ? theirs.toRFC5952String() : theirs.toString();
        expect(ipFromBytes(b) as string).toBe(rfc);
      }),
    );
  });
  test("reads back to its bytes, in any spelling of ipaddr.js", () => {
    fc.assert(
      fc.property(bytes, (b) => {
        const theirs = ipaddr.fromByteArray([...b]);
        for (const text of [theirs.toString(), theirs.toNormalizedString(), theirs.toString().toUpperCase()])
          expect(ipBytes(parseIp(text))).toEqual(b);
      }),
    );
  });
  test("survives the way through a number", () => {
    fc.assert(
      fc.property(bytes, (b) => {
        const ip = ipFromBytes(b);
        expect(ipFromBig(ipToBig(ip), family(ip))).toBe(ip);
      }),
    );
  });
  test("mapped IPv4 stays IPv6 and shows its dotted form", () => {
    expect(parseIp("::FFFF:10.1.2.3") as string).toBe("::ffff:10.1.2.3");
    expect(family(parseIp("::ffff:a01:203"))).toBe(6);
  });
  test.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4/8",
    " 1.2.3.4",
    ":::",
    "1::2::3",
    "12345::",
    "::1.2.3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "::g",
    "fe80::1%eth0",
  ])("%p is not one", (text) => {
    expect(tryIp(text)).toBeUndefined();
    expect(() => parseIp(text, "gateway")).toThrow("gateway");
  });
  test("counts on across the edge of its family's width", () => {
    expect(ipAdd(parseIp("10.0.0.255"), 1) as string).toBe("10.0.1.0");
    expect(ipAdd(parseIp("0.0.0.0"), -1) as string).toBe("255.255.255.255");
    expect(ipAdd(parseIp("fd00::ffff"), 1) as string).toBe("fd00::1:0");
  });
  test("sorts by family, then by number", () => {
    const sorted = ["::1", "10.0.0.10", "10.0.0.9", "fd00::", "9.255.0.0"].map((t) => parseIp(t)).sort(compareIp);
    expect(sorted.map(String)).toEqual(["9.255.0.0", "10.0.0.9", "10.0.0.10", "::1", "fd00::"]);
    expect([bitsOf(4), bitsOf(6)]).toEqual([32, 128]);
  });
});
