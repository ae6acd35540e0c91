import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { cidrText, contains, hasHostBits, lastOf, networkOf, nthSubnet, overlaps, parseCidr, tryCidr } from "./cidr.ts";
import { bitsOf, ipFromBytes } from "./ip.ts";

const cidr = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .chain((b) => fc.nat(b.length * 8).map((prefix) => ({ ip: ipFromBytes(b), prefix })));

/** ipaddr.js's own notion of an address, by its normal spelling: `::ffff:1.2.3.4` must stay IPv6. */
const theirs = (text: string) => ipaddr.parse(text);

describe("a prefix", () => {
  test("has the network and last address that ipaddr.js gives it", () => {
    fc.assert(
      fc.property(cidr, (c) => {
        const kind = c.ip.includes(":") ? ipaddr.IPv6 : ipaddr.IPv4;
        expect(theirs(networkOf(c)).toNormalizedString()).toBe(
          kind.networkAddressFromCIDR(cidrText(c)).toNormalizedString(),
        );
        expect(theirs(lastOf(c)).toNormalizedString()).toBe(
          kind.broadcastAddressFromCIDR(cidrText(c)).toNormalizedString(),
        );
      }),
    );
  });
  test("contains what ipaddr.js matches", () => {
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        const x = theirs(a.ip);
        const y = theirs(b.ip);
        expect(contains(a, b.ip)).toBe(x.kind() === y.kind() && y.match([x, a.prefix] as never));
      }),
    );
  });
  test("overlaps another exactly when one contains the other's network", () => {
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        expect(overlaps(a, b)).toBe(contains(a, networkOf(b)) || contains(b, networkOf(a)));
        expect(overlaps(a, a)).toBe(true);
      }),
    );
  });
  test("keeps its host bits, and says so", () => {
    expect(cidrText(parseCidr("10.1.2.5/24"))).toBe("10.1.2.5/24");
    expect(hasHostBits(parseCidr("10.1.2.5/24"))).toBe(true);
    expect(hasHostBits(parseCidr("10.1.2.0/24"))).toBe(false);
  });
  test("is cut into subnets by number, as far as they go", () => {
    const cluster = parseCidr("10.244.0.0/16");
    expect(cidrText(nthSubnet(cluster, 24, 0)!)).toBe("10.244.0.0/24");
    expect(cidrText(nthSubnet(cluster, 24, 255)!)).toBe("10.244.255.0/24");
    expect(nthSubnet(cluster, 24, 256)).toBeUndefined();
    expect(nthSubnet(cluster, 8, 0)).toBeUndefined();
    expect(cidrText(nthSubnet(parseCidr("fd00:10:244::/48"), 64, 2)!)).toBe("fd00:10:244:2::/64");
    expect(bitsOf(6)).toBe(128);
  });
  test.each(["10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "fd00::/129", "/24", "10.0.0/8"])(
    "%p is none",
    (text) => {
      expect(tryCidr(text)).toBeUndefined();
      expect(() => parseCidr(text, "ipam.subnet")).toThrow("ipam.subnet");
    },
  );
});
