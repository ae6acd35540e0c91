import { expect, test } from "bun:test";
import { FaultError } from "../../../base/fault.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { ParseContext } from "../../plugin.ts";
import { parseConfig } from "./parse.ts";

const parse = (raw: JsonObject, verb: ParseContext["verb"] = "ADD") =>
  parseConfig(raw, { cniVersion: "1.1.0", network: "net", args: "", verb });

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
  throw new Error("was not refused");
};

test("nothing is needed", () => {
  expect(parse({})).toEqual({ gateways: {}, sourceHints: false });
});

test("a gateway of each family, and hints", () => {
  expect(parse({ gateways: ["FD00::1", "10.7.0.1"], addSourceHints: true })).toEqual({
    gateways: { 4: "10.7.0.1", 6: "fd00::1" },
    sourceHints: true,
  } as never);
  expect(parse({ gateways: [], addSourceHints: false, table: 0xffff_ffff })).toEqual({
    table: 0xffff_ffff,
    gateways: {},
    sourceHints: false,
  });
});

test.each<[string, JsonObject, string]>([
  ["table 0", { table: 0 }, "table: expected a whole number from 1 to 4294967295, got 0"],
  ["a negative table", { table: -1 }, "table: expected a whole number"],
  ["a table of 33 bits", { table: 0x1_0000_0000 }, "table: expected a whole number"],
  ["a table by name", { table: "main" }, 'table: expected a whole number, got the string "main"'],
  ["a gateway that is none", { gateways: ["x"] }, 'gateways[0]: got "x"'],
  ["a gateway with a prefix", { gateways: ["10.7.0.1/24"] }, 'gateways[0]: got "10.7.0.1/24"'],
  ["no host as gateway", { gateways: ["10.7.0.1", "::"] }, "gateways[1]: :: is no gateway's address"],
  ["two of a family", { gateways: ["10.7.0.1", "fd00::1", "10.7.0.2"] }, "gateways[2]: one IPv4 gateway is all"],
  ["gateways that are no list", { gateways: "10.7.0.1" }, "gateways: expected a list"],
  ["hints that are no switch", { addSourceHints: 1 }, "addSourceHints: expected true or false"],
  ["a table with gateways", { table: 7, gateways: ["10.7.0.1"] }, "gateways: cannot be set together with table"],
  ["a table with hints", { table: 7, addSourceHints: true }, "addSourceHints: cannot be set together with table"],
])("%s is refused by its key", (_, raw, message) => {
  expect(refusal(() => parse(raw))).toStartWith(message);
});

test("DEL and GC want only to know the table, and refuse nothing", () => {
  for (const verb of ["DEL", "GC"] as const) {
    expect(parse({ table: 7, gateways: ["x"] }, verb)).toEqual({ table: 7, gateways: {}, sourceHints: false });
    expect(parse({ table: "main" }, verb)).toEqual({ gateways: {}, sourceHints: false });
  }
});
