import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { type Fault, FaultError, faultFix, faultMessage, faultOf, joinFaults } from "./fault.ts";

const fault = (f: Fault): FaultError => new FaultError(f);
const gone = (what: string): FaultError => fault({ kind: "not-found", what, why: "is gone", fix: `make ${what}` });

test("what fails twice for one reason is told once", () => {
  const first = gone("x");
  expect(joinFaults([first, gone("x")])).toBe(first);
  expect(joinFaults([gone("x"), gone("y"), gone("x")]).message).toBe("x: is gone; y: is gone");
});

const thrownBy = (act: () => void): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

test("a system call that fails is told by its name and errno, never as an internal error", () => {
  const full = faultOf(thrownBy(() => writeFileSync("/dev/full", "x")));
  expect(full).toMatchObject({ kind: "io", op: "write", errno: "ENOSPC" });
  const none = faultOf(thrownBy(() => readFileSync("/no/such")));
  expect(none).toEqual({ kind: "io", op: "open", path: "/no/such", errno: "ENOENT" });
});

test("a file system that says no and a missing capability come with what to do", () => {
  const io = (errno: string): string | undefined => faultFix({ kind: "io", op: "open", path: "/var/lib/x/y", errno });
  expect(["ENOSPC", "EROFS", "EACCES", "EISDIR"].map(io)).toEqual([
    "df -h /var/lib/x; df -i /var/lib/x",
    "findmnt --target /var/lib/x",
    "ls -ld /var/lib/x",
    undefined,
  ]);
  expect(faultFix({ kind: "permission", op: "enter", needs: "CAP_SYS_ADMIN" })).toContain("with CAP_SYS_ADMIN");
});

test("what no one foresaw is quoted with where it came from", () => {
  const message = faultMessage(faultOf(thrownBy(() => (undefined as unknown as string).length)));
  expect(message).toMatch(/^internal podwire: TypeError: .*\n +at /);
});

test("a fault is one by what it holds: a file that is loaded later has a class of its own", () => {
  class FromElsewhere extends Error {
    override readonly name = "FaultError";
    readonly fault: Fault = { kind: "unavailable", why: "it is off" };
  }
  expect(faultOf(new FromElsewhere())).toEqual({ kind: "unavailable", why: "it is off" });
  expect(gone("x")).toBeInstanceOf(FaultError);
  for (const other of [new Error("x"), { name: "FaultError", fault: {} }, undefined])
    expect(other).not.toBeInstanceOf(FaultError);
});
