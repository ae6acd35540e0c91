import { expect, test } from "bun:test";
import { cniVersions } from "./types.ts";
import { atLeast, compareVersions, isCniVersion, parseVersion, supportedVersion, verbsOf } from "./version.ts";

test("a version has one to three numbers, and none at all means 0.1.0", () => {
  expect(["", "1", "1.2", "0.3.1"].map(parseVersion)).toEqual([
    [0, 1, 0],
    [1, 0, 0],
    [1, 2, 0],
    [0, 3, 1],
  ]);
  for (const bad of ["1.0.0.0", "1.x", "v1", ".", "1.", "-1", "1.0.0-rc1", " 1"])
    expect(() => parseVersion(bad)).toThrow("not a CNI version");
});

test("versions are ordered by number, not by letter", () => {
  expect(compareVersions("0.10.0", "0.9.0")).toBeGreaterThan(0);
  expect(compareVersions("1", "1.0.0")).toBe(0);
  expect(cniVersions.toSorted(compareVersions)).toEqual([...cniVersions]);
  expect(atLeast("0.4.0", "0.4.0") && !atLeast("0.3.1", "0.4.0")).toBe(true);
});

test("membership is letter for letter", () => {
  expect(["1.0.0", "1.0", "1.2.0", ""].map(isCniVersion)).toEqual([true, false, false, false]);
  expect(supportedVersion("")).toBe("0.1.0");
  expect(() => supportedVersion("1.1.0", ["0.4.0", "1.0.0"])).toThrow('got "1.1.0", supported: 0.4.0, 1.0.0');
});

test("verbs arrive with their versions", () => {
  expect(verbsOf("0.1.0")).toEqual(["ADD", "DEL"]);
  expect(verbsOf("0.3.1")).toEqual(["ADD", "DEL", "VERSION"]);
  expect(verbsOf("0.4.0")).toEqual(["ADD", "DEL", "VERSION", "CHECK"]);
  expect(verbsOf("1.1.0")).toEqual(["ADD", "DEL", "VERSION", "CHECK", "GC", "STATUS"]);
});
