import { expect, test } from "bun:test";
import { FaultError } from "../../../base/fault.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { parseConfig } from "./parse.ts";

test("the name alone will do, and table 0 is the same as none", () => {
  expect(parseConfig({ vrfname: "red" })).toEqual({ vrf: "red" });
  expect(parseConfig({ vrfname: "red", table: 0 })).toEqual({ vrf: "red" });
  expect(parseConfig({ vrfname: "red", table: 0xffffffff })).toEqual({ vrf: "red", table: 0xffffffff });
});

test.each([
  [{}, "vrfname"],
  [{ vrfname: "" }, "vrfname"],
  [{ vrfname: "a/b" }, "vrfname"],
  [{ vrfname: "abcdefghijklmnop" }, "vrfname"],
  [{ vrfname: "red", table: -1 }, "table"],
  [{ vrfname: "red", table: 0x100000000 }, "table"],
  [{ vrfname: "red", table: "main" }, "table"],
] as const)("%j is refused at %s", (raw, at) => {
  try {
    parseConfig(raw as JsonObject);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    expect(error.fault).toMatchObject({ kind: "bad-config", at });
    return;
  }
  throw new Error("was not refused");
});
