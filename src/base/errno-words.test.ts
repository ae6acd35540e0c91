import { expect, test } from "bun:test";
import { getSystemErrorMap } from "node:util";
import { errnoWords } from "./errno-words.ts";
import { faultMessage } from "./fault.ts";

test("an error of the system is told in words, with its name to look up", () => {
  expect(errnoWords("ENOENT")).toBe("no such file or directory (ENOENT)");
  expect(errnoWords("ESTALE")).toBe("ESTALE");
  expect(faultMessage({ kind: "io", op: "open", path: "x.yaml", errno: "ENOENT" })).toBe(
    "open x.yaml: no such file or directory (ENOENT)",
  );
});

test("every name that has words is one that the system knows", () => {
  const known = [...getSystemErrorMap().values()].map(([name]) => name);
  const told = known.filter((name) => errnoWords(name) !== name);
  expect(told.length).toBeGreaterThan(15);
});

test("what the kernel said itself is not said again", () => {
  const fault = { kind: "kernel", op: "ip link add br0", errno: "EEXIST" } as const;
  expect(faultMessage(fault)).toBe("ip link add br0: it is there already (EEXIST)");
  expect(faultMessage({ ...fault, said: "name is taken" })).toBe("ip link add br0: EEXIST: name is taken");
});
