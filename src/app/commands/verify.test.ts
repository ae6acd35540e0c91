import { expect, test } from "bun:test";
import { FaultError } from "../../base/fault.ts";
import { parseTimeout } from "./verify.ts";

test("a timeout is in seconds unless it says milliseconds", () => {
  expect(["1", "0.5", "2s", "500ms"].map(parseTimeout)).toEqual([1000, 500, 2000, 500]);
  for (const bad of ["", "0", "-1", "1m", "1e3", "100000"]) expect(() => parseTimeout(bad)).toThrow(FaultError);
});
