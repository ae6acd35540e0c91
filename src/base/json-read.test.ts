import { expect, test } from "bun:test";
import { parseCidr } from "./cidr.ts";
import { parseIp } from "./ip.ts";
import { reader } from "./json-read.ts";

test("keys match whatever their case, an exact match first", () => {
  const r = reader({ CNIVersion: "1.0.0", MTU: 1, mtu: 2 });
  expect(r.string("cniVersion")).toBe("1.0.0");
  expect(r.int("mtu")).toBe(2);
  expect(r.int("Mtu")).toBe(1);
});

test("a key of the prototype is not a key of the config", () => {
  expect(reader({}).value("constructor")).toBeUndefined();
});

test("null is absent and so is a missing key", () => {
  const r = reader({ a: null });
  for (const key of ["a", "b"])
    expect([r.string(key), r.int(key), r.bool(key), r.object(key), r.array(key), r.strings(key)]).toEqual(
      Array(6).fill(undefined),
    );
});

test("false, zero and the empty string are values", () => {
  const r = reader({ b: false, i: 0, s: "", l: [] });
  expect([r.bool("b"), r.int("i"), r.string("s"), r.strings("l")]).toEqual([false, 0, "", []]);
});

test("a wrong type names the path, what was expected and what stood there", () => {
  const r = reader({ ipam: { ranges: [[{ subnet: 5 }]], routes: [{ dst: "x" }, { dst: true }] }, mtu: "1500" });
  expect(() => r.int("mtu")).toThrow('mtu: expected a whole number, got the string "1500"');
  expect(() => r.object("ipam")?.bool("ranges")).toThrow("ipam.ranges: expected true or false, got a list");
  expect(() => r.object("ipam")?.strings("ranges")).toThrow("ipam.ranges[0]: expected a string, got a list");
  const routes = r.object("ipam")?.objects("routes");
  expect(() => routes?.[1]?.string("dst")).toThrow("ipam.routes[1].dst: expected a string, got true");
  expect(() => routes?.[0]?.parsed("dst", parseCidr)).toThrow('ipam.routes[0].dst: got "x"');
  expect(() => r.needString("bridge")).toThrow("bridge: expected a string, got nothing");
  expect(() => reader([])).toThrow("config: expected an object, got a list");
});

test("whole numbers are never rounded and keep to their bounds", () => {
  const r = reader({ big: 9007199254740993n, half: 1.5, low: -1 });
  expect(() => r.int("big")).toThrow("got 9007199254740993");
  expect(() => r.int("half")).toThrow("expected a whole number, got 1.5");
  expect(() => r.int("low", { min: 0, max: 65535 })).toThrow("expected a whole number from 0 to 65535, got -1");
  expect(r.int("low", { min: -1 })).toBe(-1);
});

test("an empty address is an address that was not given", () => {
  expect(reader({ gateway: "" }).parsed("gateway", parseIp)).toBeUndefined();
  expect(() => reader({ gateway: "" }).needParsed("gateway", parseIp)).toThrow("gateway: expected a string");
});
