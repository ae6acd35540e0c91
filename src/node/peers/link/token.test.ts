import { expect, test } from "bun:test";
import { invitationText, newToken, parseInvitation, parseToken, pskOf } from "./token.ts";

test("a token is 128 bits in 26 letters and digits, and another one each time", () => {
  expect(newToken(new Uint8Array(16))).toBe("0".repeat(26));
  expect(newToken(new Uint8Array(16).fill(0xff))).toBe(`7${"z".repeat(25)}`);
  expect(new Set(Array.from({ length: 100 }, () => newToken())).size).toBe(100);
  expect(parseToken(newToken().toUpperCase())).toMatch(/^[0-9a-z]{26}$/);
});

test("what is pasted says whom to call, in both families", () => {
  const token = newToken();
  for (const host of ["10.0.0.1", "fd00::1", "node1.example.org"])
    expect(parseInvitation(invitationText(token, { host, port: 7113 }))).toEqual({ token, at: { host, port: 7113 } });
  expect(parseInvitation(token)).toEqual({ token });
  expect(parseInvitation(`${token}@10.0.0.1`).at?.port).toBe(7112);
  expect(parseInvitation(`${token}@fd00::1`)).toEqual({ token, at: { host: "fd00::1", port: 7112 } });
});

test("what is no token is refused without being repeated", () => {
  expect(() => parseToken("mistyped")).toThrow("token: got 8 characters, want what podwire node check --peers printed");
  expect(() => parseInvitation(`${newToken()}@no where:1`)).toThrow("address after @");
  expect(() => parseInvitation(`${newToken()}@10.0.0.1:99999`)).toThrow("a port from 1 to 65535");
});

test("each token gives a key of its own, of 32 bytes", () => {
  const token = newToken();
  expect(pskOf(token)).toHaveLength(32);
  expect(pskOf(token)).not.toEqual(pskOf(newToken()));
});
