import { expect, test } from "bun:test";
import { parseConfig } from "./parse.ts";

test("a dummy needs addresses, and nothing else", () => {
  expect(parseConfig({ type: "dummy", ipam: { type: "static" } })).toEqual({
    info: { kind: "dummy" },
    chained: false,
    ipam: "static",
    dns: {},
  });
  expect(() => parseConfig({ type: "dummy" })).toThrow("ipam.type: expected the name of an IPAM plugin");
});
