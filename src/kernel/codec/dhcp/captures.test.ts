/** DHCP as seen on the wire between the reference's daemon and dnsmasq 2.90, and what the RFCs show as examples. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { hex, unhex } from "../../../base/bytes.ts";
import type { Ip } from "../../../base/ip.ts";
import type { Mac } from "../../../base/mac.ts";
import { readDatagram, writeDatagram } from "../udp4.ts";
import { type DhcpMessage, messageTypes, noIp, readMessage, writeMessage } from "./message.ts";
import {
  readClasslessRoutes,
  readDomain,
  readDomains,
  readIp,
  readIps,
  readPrefix,
  readStaticRoutes,
  readU16,
  readU32,
  readWords,
} from "./values.ts";

const zeros = (bytes: number): string => "00".repeat(bytes);

/** The reference's DISCOVER, from the IP header on. */
const discover = unhex(
  `
  45000131 fd000000 1011acbc 00000000 ffffffff   ttl 16, UDP
  0044 0043 011d 0000                            68 to 67, no checksum
  01010600 6d51c84e 00000000 ${zeros(16)}        BOOTREQUEST, xid
  fab0153bb885 ${zeros(10)} ${zeros(64 + 128)}   chaddr, sname, file
  63825363
  35 01 01
  3d 0e 00706f64312f6c616e2f65746830             0, pod1/lan/eth0
  0c 05 7765622d30                               web-0
  37 08 210301 79060f771a
  ff`.replace(/ {3}[A-Za-z(0-9].*$/gm, ""),
);

/** dnsmasq's OFFER: the sender's card was to finish the UDP checksum, and there was none. */
const offer = unhex(`
  45c00179 04150000 40116046 0a070001 0a07004b
  0043 0044 0165 15d0
  02010600 6d51c84e 00000000 00000000 0a07004b 0a070001 00000000
  fab0153bb885 ${zeros(10)} ${zeros(64 + 128)}
  63825363
  35 01 02
  36 04 0a070001
  33 04 00000078
  3a 04 00000003
  3b 04 00000069
  01 04 ffffff00
  1c 04 0a0700ff
  03 04 0a070001
  21 08 0a090001 0a070008
  79 0c 10c0a8 0a070009 00 0a070001
  77 0c 0161 04 74657374 00 0162 c000
  0f 09 706f64732e74657374
  06 08 0a070035 0a070036
  1a 02 0578
  ff`);

describe("a captured OFFER", () => {
  const datagram = readDatagram(offer);
  const message = readMessage(datagram?.data ?? new Uint8Array());
  const options = message?.options ?? new Map<number, Uint8Array>();

  test("comes from the server's port to the client's, with a checksum that no card has finished", () => {
    expect(datagram?.from).toEqual({ ip: "10.7.0.1" as Ip, port: 67 });
    expect(datagram?.to).toEqual({ ip: "10.7.0.75" as Ip, port: 68 });
  });
  test("says who gives what to whom", () => {
    expect(message).toMatchObject({
      type: "OFFER",
      xid: 0x6d51c84e,
      secs: 0,
      broadcast: false,
      ciaddr: noIp,
      yiaddr: "10.7.0.75" as Ip,
      mac: "fa:b0:15:3b:b8:85" as Mac,
    });
    expect(readIp(options.get(54))).toBe("10.7.0.1" as Ip);
    expect([51, 58, 59].map((code) => readU32(options.get(code)))).toEqual([120, 3, 105]);
  });
  test("has a mask, routers, routes, an MTU", () => {
    expect(readPrefix(options.get(1))).toBe(24);
    expect(readIps(options.get(3))).toEqual(["10.7.0.1"] as Ip[]);
    expect(readClasslessRoutes(options.get(121))).toEqual([
      { dst: { ip: "192.168.0.0" as Ip, prefix: 16 }, gw: "10.7.0.9" as Ip },
      { dst: { ip: "0.0.0.0" as Ip, prefix: 0 }, gw: "10.7.0.1" as Ip },
    ]);
    expect(readStaticRoutes(options.get(33))).toEqual([
      { dst: { ip: "10.9.0.1" as Ip, prefix: 32 }, gw: "10.7.0.8" as Ip },
    ]);
    expect(readU16(options.get(26))).toBe(1400);
  });
  test("has name servers, a domain, a search list", () => {
    expect(readIps(options.get(6))).toEqual(["10.7.0.53", "10.7.0.54"] as Ip[]);
    expect(readDomain(options.get(15))).toBe("pods.test");
    expect(readDomains(options.get(119))).toEqual(["a.test", "b.a.test"]);
  });
  test("is refused when its IP header was damaged", () => {
    for (const at of [5, 12, 19]) {
      const damaged = offer.slice();
      damaged[at] = damaged[at]! ^ 0x10;
      expect(readDatagram(damaged)).toBeUndefined();
    }
  });
});

describe("a captured DISCOVER", () => {
  const message = readMessage(readDatagram(discover)?.data ?? new Uint8Array());

  test("is read, and written again byte for byte", () => {
    expect(message).toMatchObject({ type: "DISCOVER", xid: 0x6d51c84e, mac: "fa:b0:15:3b:b8:85" as Mac });
    const again = writeMessage(message!);
    const bare = discover.subarray(28);
    expect(hex(again.subarray(0, bare.length))).toBe(hex(bare));
    // BOOTP's length is 300 bytes at least.
    expect(hex(again.subarray(bare.length))).toBe(zeros(300 - bare.length));
  });
});

describe("any message", () => {
  const ip = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((b) => b.join(".") as Ip);
  const types = Object.keys(messageTypes) as DhcpMessage["type"][];
  const options = fc.uniqueArray(
    fc.tuple(
      fc.integer({ min: 1, max: 254 }).filter((code) => code !== 52 && code !== 53),
      fc.uint8Array({ maxLength: 600 }),
    ),
    { selector: ([code]) => code, maxLength: 8 },
  );
  const message = fc.record({
    type: fc.constantFrom(...types),
    xid: fc.nat(0xffffffff),
    secs: fc.nat(0xffff),
    broadcast: fc.boolean(),
    ciaddr: ip,
    yiaddr: ip,
    mac: fc.constant("02:00:00:00:00:01" as Mac),
    options: options.map((list) => new Map(list)),
  });

  test("reads as it was written, options above 255 bytes too, inside UDP and IP as well", () => {
    fc.assert(
      fc.property(message, ip, (m, to) => {
        const data = writeMessage(m);
        expect(readMessage(data)).toEqual(m);
        const sent = { from: { ip: "0.0.0.0" as Ip, port: 68 }, to: { ip: to, port: 67 }, data };
        const packet = writeDatagram(sent);
        expect(readDatagram(packet)).toEqual(sent);
        packet[40] = packet[40]! ^ 1;
        expect(readDatagram(packet)).toBeUndefined();
      }),
    );
  });
  test("no bytes make a reader fail", () => {
    const readers = [readDatagram, readMessage, readIps, readIp, readU16, readU32, readPrefix, readWords];
    const more = [readClasslessRoutes, readStaticRoutes, readDomain, readDomains];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 80 }), (b, tail) => {
        for (const read of [...readers, ...more]) read(b);
        const whole = discover.slice(28, 28 + 240);
        readMessage(new Uint8Array([...whole, ...tail]));
      }),
    );
  });
});

describe("options", () => {
  test("in the file and sname fields are read when option 52 says so", () => {
    const m = discover.slice(28);
    const file = [15, 3, 97, 46, 98, 255];
    const sname = [12, 1, 120, 255];
    m.set(sname, 44);
    m.set(file, 108);
    const with52 = new Uint8Array([...m.subarray(0, 240), 53, 1, 1, 52, 1, 3, 255]);
    expect([...(readMessage(with52)?.options ?? [])].map(([code, b]) => [code, readWords(b)])).toEqual([
      [15, "a.b"],
      [12, "x"],
    ]);
  });
  test("a message of the wrong direction is none", () => {
    const wrong = discover.slice(28);
    wrong[0] = 2;
    expect(readMessage(wrong)).toBeUndefined();
  });
  test("RFC 3397's search list, with pointers", () => {
    const b = unhex("03656e67 056170706c65 03636f6d 00 096d61726b6574696e67 c004");
    expect(readDomains(b)).toEqual(["eng.apple.com", "marketing.apple.com"]);
  });
  test("a name that points forward, or at itself, ends the list", () => {
    expect(readDomains(unhex("0161 c000"))).toEqual([]);
    expect(readDomains(unhex("c002 0161 00"))).toEqual([]);
  });
  test("a name with a line break in it would write lines into resolv.conf, and is left out", () => {
    expect(readDomain(new TextEncoder().encode("a\nnameserver 192.0.2.66"))).toBeUndefined();
    expect(readDomains(unhex("03610a62 00 0163 00"))).toEqual(["c"]);
    expect(readDomain(unhex("612e6200"))).toBe("a.b");
  });
  test("RFC 3442's examples of destinations", () => {
    const destinations = ["00", "080a", "180a0000", "100a11", "180a1b81", "190ae50080", "200ae50080"];
    const seen = readClasslessRoutes(unhex(destinations.map((d) => `${d}c0000201`).join("")));
    expect(seen.map((r) => `${r.dst.ip}/${r.dst.prefix}`)).toEqual([
      "0.0.0.0/0",
      "10.0.0.0/8",
      "10.0.0.0/24",
      "10.17.0.0/16",
      "10.27.129.0/24",
      "10.229.0.128/25",
      "10.229.0.128/32",
    ]);
  });
  test("a route without gateway is one on the link", () => {
    expect(readClasslessRoutes(unhex("18c0a807 00000000"))).toEqual([{ dst: { ip: "192.168.7.0" as Ip, prefix: 24 } }]);
  });
  test("option 33 goes by class, and leaves out what cannot be a destination", () => {
    const seen = readStaticRoutes(
      unhex("0a000000 01010101 ac100000 01010101 c0a80700 01010101 00000000 01010101 e0000001 01010101"),
    );
    expect(seen.map((r) => `${r.dst.ip}/${r.dst.prefix}`)).toEqual(["10.0.0.0/8", "172.16.0.0/16", "192.168.7.0/24"]);
  });
  test("masks", () => {
    const seen = ["ffffff00", "ffffffff", "80000000", "00000000", "ff00ff00"].map((m) => readPrefix(unhex(m)));
    expect(seen).toEqual([24, 32, 1, undefined, undefined]);
  });
});
