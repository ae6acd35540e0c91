import { describe, expect, test } from "bun:test";
import { type Fault, FaultError } from "../../base/fault.ts";
import { cniErrorOf, codeMeaning, codeOf, faultCode, pluginFault } from "./error.ts";

const failed = (stdout: string, stderr = ""): Fault => pluginFault("bridge", { stdout, stderr, exit: 1 }).fault;

test("every code that is given has a meaning and every meaning is given", () => {
  const given = new Set<number>([...Object.values(faultCode), 51]);
  expect([...given].sort((a, b) => a - b)).toEqual(Object.keys(codeMeaning).map(Number));
});

test("an error says the version of the request, the code, one sentence, and the command that mends it", () => {
  const error = new FaultError({ kind: "exists", what: "bridge cni0", why: "is a dummy", fix: "ip link del cni0" });
  expect(cniErrorOf(error, "0.4.0")).toEqual({
    cniVersion: "0.4.0",
    code: 102,
    msg: "bridge cni0: is a dummy",
    details: "ip link del cni0",
  });
});

test("several faults are one message, and each on its own with what mends it", () => {
  const of: Fault[] = [
    { kind: "differs", what: "link br0", seen: "down", want: "up", fix: "ip link set dev br0 up" },
    { kind: "not-found", what: "route default", why: "is gone" },
  ];
  const error = cniErrorOf(new FaultError({ kind: "many", of }), "1.0.0");
  const errors = [
    { msg: "link br0: is down, should be up", details: "ip link set dev br0 up" },
    { msg: "route default: is gone" },
  ];
  expect(error).toMatchObject({ msg: "link br0: is down, should be up; route default: is gone", errors });
  // It comes back whole from a plugin's stdout, and through the plugin that called it.
  const read = failed(JSON.stringify(error));
  expect(read).toMatchObject({ kind: "plugin", errors });
  expect(cniErrorOf(new FaultError(read), "1.0.0").errors?.[1]).toEqual({
    msg: "plugin bridge: route default: is gone",
  });
  expect(failed('{"code":7,"msg":"no","errors":[{"msg":5},"x",{"msg":"one"}]}')).not.toHaveProperty("errors");
});

test("a stranger's error is still an error object", () => {
  const error = cniErrorOf(new TypeError("boom"), "1.0.0");
  expect(error.code).toBe(5);
  expect(error.msg).toContain("boom");
});

test("limited connectivity and several faults choose their code", () => {
  expect(codeOf({ kind: "unavailable", why: "x" })).toBe(50);
  expect(codeOf({ kind: "unavailable", why: "x", limited: true })).toBe(51);
  const full: Fault = { kind: "range-full", network: "n", range: "r" };
  expect(codeOf({ kind: "many", of: [full, full] })).toBe(100);
  expect(codeOf({ kind: "many", of: [full, { kind: "unavailable", why: "x" }] })).toBe(108);
});

describe("a foreign plugin's output", () => {
  test("an error object without cniVersion, as the Go plugins write it, passes through whole", () => {
    const fault = failed('{\n    "code": 11,\n    "msg": "try later",\n    "details": "lock held"\n}');
    expect(fault).toEqual({ kind: "plugin", plugin: "bridge", code: 11, msg: "try later", details: "lock held" });
    expect(cniErrorOf(new FaultError(fault), "1.0.0")).toEqual({
      cniVersion: "1.0.0",
      code: 11,
      msg: "plugin bridge: try later",
      details: "lock held",
    });
  });
  test("keys match in any case", () => {
    expect(failed('{"Code":7,"Msg":"no"}')).toMatchObject({ code: 7, msg: "no" });
  });
  test("a panic on stderr is quoted", () => {
    expect(failed("", "panic: nil map\n")).toMatchObject({
      code: 0,
      details: "exit status 1, output: panic: nil map",
    });
  });
  test("output that is not JSON is quoted", () => {
    expect(failed("segfault", "noise")).toMatchObject({ details: "exit status 1, output: segfault" });
  });
  test("JSON that is no error object is quoted", () => {
    for (const text of ["null", "[]", "3", "{}", '{"code":"x"}'])
      expect(failed(text)).toMatchObject({ code: 0, details: `exit status 1, output: ${text}` });
  });
  test("silence is said to be silence", () => {
    expect(failed("")).toMatchObject({ msg: "failed without a word", details: "exit status 1" });
  });
});
