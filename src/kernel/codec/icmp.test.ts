import { expect, test } from "bun:test";
import { unhex } from "../../base/bytes.ts";
import { inetChecksum, readEcho, writeEcho } from "./icmp.ts";

test("the checksum is that of RFC 1071's example", () => {
  expect(inetChecksum(unhex("0001 f203 f4f5 f6f7"))).toBe(~0xddf2 & 0xffff);
});

test("a checksum over a message that carries its own is zero, also for an odd length", () => {
  for (const data of [unhex("616263"), unhex("61626364")]) {
    const message = writeEcho(4, { type: "request", id: 0x1234, seq: 9, data });
    expect(inetChecksum(message)).toBe(0);
  }
});

test("a reply is read behind the IPv4 header, options included, and bare for IPv6", () => {
  const reply = { type: "reply" as const, id: 7, seq: 2, data: unhex("cafe") };
  const plain = unhex("45000020 00004000 4001 0000 0a000001 0a000002");
  const withOptions = unhex("46000024 00004000 4001 0000 0a000001 0a000002 01010100");
  for (const header of [plain, withOptions])
    expect(readEcho(4, Buffer.concat([header, writeEcho(4, reply)]))).toMatchObject({ type: "reply", id: 7, seq: 2 });
  expect(readEcho(6, unhex("8100 0000 0007 0002 cafe"))).toEqual(reply);
});

test("what is no echo, or is cut, is nothing", () => {
  expect(readEcho(6, unhex("8700 0000 0000 0000"))).toBeUndefined();
  expect(readEcho(4, unhex("45000020"))).toBeUndefined();
  expect(readEcho(4, new Uint8Array(0))).toBeUndefined();
});
