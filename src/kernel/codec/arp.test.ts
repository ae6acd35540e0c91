import { expect, test } from "bun:test";
import { parseIp } from "../../base/ip.ts";
import { parseMac } from "../../base/mac.ts";
import { ARP, arp } from "./arp.ts";

/** Caught with tcpdump from `arping -c 1 192.0.2.2`: htype, ptype, lengths, op, sender's MAC and IP, target's MAC and IP. */
const caught = "0001 0800 06 04 0001 0242c0000201 c0000201 000000000000 c0000202";
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));

test("a request is read as it was sent, and written the same", () => {
  const read = arp.read(bytes(caught));
  expect(read).toEqual({
    op: ARP.request,
    senderMac: parseMac("02:42:c0:00:02:01"),
    senderIp: parseIp("192.0.2.1"),
    targetIp: parseIp("192.0.2.2"),
  } as never);
  expect(arp.write(read!)).toEqual(bytes(caught));
});

test("what is not IPv4 over Ethernet, or cut off, is not read", () => {
  expect(arp.read(bytes(caught.replace("0800", "86dd")))).toBeUndefined();
  expect(arp.read(bytes(caught).subarray(0, 20))).toBeUndefined();
});
