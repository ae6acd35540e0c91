import { expect, test } from "bun:test";
import { faultOf } from "../../base/fault.ts";
import { codeOf } from "./error.ts";
import { checkContainerId, checkIfname, checkNetworkName, checkPluginType } from "./validate.ts";

const code = (run: () => void): number => {
  try {
    run();
    return 0;
  } catch (error) {
    return codeOf(faultOf(error));
  }
};

test("container IDs and network names start with a letter or digit and go on plainly", () => {
  for (const good of ["a", "0", "some_container-1.x", "A".repeat(200)]) {
    expect(code(() => checkContainerId(good))).toBe(0);
    expect(code(() => checkNetworkName(good))).toBe(0);
  }
  for (const bad of ["-a", ".a", "a/b", "a b", "a\n", "é", "../x"]) {
    expect(code(() => checkContainerId(bad))).toBe(4);
    expect(code(() => checkNetworkName(bad))).toBe(7);
  }
  expect(code(() => checkContainerId(""))).toBe(3);
  expect(code(() => checkNetworkName(""))).toBe(7);
});

test("interface names are counted in bytes", () => {
  expect(code(() => checkIfname("a".repeat(15)))).toBe(0);
  expect(code(() => checkIfname("a".repeat(16)))).toBe(4);
  expect(code(() => checkIfname("망".repeat(5)))).toBe(0);
  expect(() => checkIfname(`${"망".repeat(5)}a`)).toThrow("expected at most 15 bytes, got 16");
});

test("interface names have no slash, colon, NUL or white space of any script, and are not a dot folder", () => {
  for (const bad of ["", ".", "..", "a/b", "a:1", "a b", "a\tb", "a\u0085", "a\u00a0b", "a\u2003b", "\u3000", "a\0b"])
    expect(code(() => checkIfname(bad))).toBe(4);
  for (const good of ["eth0", "...", "net1.100", "a-b_c@d"]) expect(code(() => checkIfname(good))).toBe(0);
});

test("the names of net.ipv4.conf's own folders are refused as the kernel refuses them, in words", () => {
  for (const bad of ["all", "default"]) expect(() => checkIfname(bad)).toThrow("no interface's");
  for (const good of ["all0", "ALL", "defaults"]) expect(code(() => checkIfname(good))).toBe(0);
});

test("a plugin type is a name, never a path", () => {
  for (const bad of ["", ".", "..", "../sh", "a/b", "/bin/sh", "a\\b", "a\0"])
    expect(code(() => checkPluginType(bad))).toBe(7);
  for (const good of ["bridge", "host-local", "x.y"]) expect(code(() => checkPluginType(good))).toBe(0);
});
