import { expect, test } from "bun:test";
import { nearest } from "./nearest.ts";

test("a slip of the fingers is understood, a different word is not", () => {
  const words = ["bridge", "ipam", "mtu", "isGateway"];
  expect(nearest("brigde", words)).toBe("bridge");
  expect(nearest("isgateway", words)).toBe("isGateway");
  expect(nearest("mtus", words)).toBe("mtu");
  expect(nearest("portmap", words)).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
});

test("neighbours that changed places are one slip", () => {
  expect(nearest("posd", ["pods", "nodes"])).toBe("pods");
  expect(nearest("sopd", ["pods"])).toBeUndefined();
});
