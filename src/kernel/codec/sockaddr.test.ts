import { expect, test } from "bun:test";
import { unhex } from "../../base/bytes.ts";
import { parseIp } from "../../base/ip.ts";
import { readSockaddr, writeSockaddr } from "./sockaddr.ts";

// As connect(2) and sendto(2) take them: family in host order, port and address in network order.
const known = [
  [{ ip: parseIp("10.244.1.3"), port: 6443 }, "0200 192b 0af40103 0000000000000000"],
  [{ ip: parseIp("fd00::1"), port: 80 }, "0a00 0050 00000000 fd000000000000000000000000000001 00000000"],
  [{ ip: parseIp("fe80::2"), port: 0, scope: 7 }, "0a00 0000 00000000 fe800000000000000000000000000002 07000000"],
] as const;

test("addresses of both families are written and read as the kernel lays them out", () => {
  for (const [address, bytes] of known) {
    expect(writeSockaddr(address)).toEqual(unhex(bytes));
    expect(readSockaddr(unhex(bytes))).toEqual(address);
  }
});

test("an address of no family is nothing", () => {
  expect(readSockaddr(new Uint8Array(28))).toBeUndefined();
});
