import { expect, test } from "bun:test";
import { unhex } from "../../base/bytes.ts";
import { parseIp } from "../../base/ip.ts";
import { readSocketError } from "./socket-error.ts";

/** cmsg_len, cmsg_level, cmsg_type; ee_errno, ee_origin/type/code/pad, ee_info, ee_data; the offender's sockaddr. */
const fragmentationNeeded = unhex(
  "3000000000000000 00000000 0b000000 5a000000 02030400 78050000 00000000 02000000 0a090101 0000000000000000",
);

test("an ICMP error names its errno, the path's MTU and who said it", () => {
  expect(readSocketError(fragmentationNeeded)).toEqual({
    errno: 90,
    origin: "icmp",
    type: 3,
    code: 4,
    mtu: 1400,
    offender: { ip: parseIp("10.9.1.1"), port: 0 },
  });
});

test("other control messages before it are stepped over, at their padded length", () => {
  const ttl = unhex("1400000000000000 00000000 02000000 40000000 00000000");
  expect(readSocketError(Buffer.concat([ttl, fragmentationNeeded]))?.mtu).toBe(1400);
});

test("our own stack's error has no offender", () => {
  const local = unhex(
    "3000000000000000 29000000 19000000 5a000000 01000000 dc050000 00000000 00000000000000000000000000000000",
  );
  expect(readSocketError(local)).toEqual({ errno: 90, origin: "local", type: 0, code: 0, mtu: 1500 });
});

test("cut or senseless bytes are nothing", () => {
  for (let n = 0; n < 32; n++) expect(readSocketError(fragmentationNeeded.subarray(0, n))).toBeUndefined();
  expect(readSocketError(new Uint8Array(64))).toBeUndefined();
});
