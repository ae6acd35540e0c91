import { expect, test } from "bun:test";
import fc from "fast-check";
import { macBytes, macFromBytes, parseMac } from "./mac.ts";

test("a MAC reads in either case, with colons or dashes, and is spelled one way", () => {
  expect(parseMac("02-42-AC-11-00-0a") as string).toBe("02:42:ac:11:00:0a");
  for (const text of ["02:42:ac:11:00", "02:42:ac:11:00:0a:0b", "0242.ac11.000a", "02:42:ac:11:00:0g", ""])
    expect(() => parseMac(text, "runtimeConfig.mac")).toThrow("runtimeConfig.mac");
});

test("a link-layer address of any length survives the way through its text", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (b) => expect(macBytes(macFromBytes(b))).toEqual(b)),
  );
});
