import { expect, test } from "bun:test";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { faultMessage, faultOf } from "./fault.ts";

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return faultMessage(faultOf(error));
  }
  throw new Error("it did not fail");
};

test("what the system refused is told in a line, whether it named the file or not", () => {
  expect(messageOf(() => openSync("/nonexistent/file", "r"))).toBe("open /nonexistent/file: ENOENT");
  expect(messageOf(() => readFileSync("/"))).toMatch(/^read .*: EISDIR/);
  const full = openSync("/dev/full", "w");
  expect(messageOf(() => writeSync(full, "x"))).toBe("write a file: ENOSPC: no space left on device");
  closeSync(full);
});

test("what no one foresaw is quoted with where it came from", () => {
  expect(messageOf(() => (undefined as unknown as string).length)).toMatch(/^internal podwire: TypeError: .*\n +at /);
});
