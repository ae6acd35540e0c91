import { expect, test } from "bun:test";
import { differences, fits, missing, present, valueAt } from "./match.ts";

const told = (want: unknown, got: unknown): string[] =>
  differences(want, got).map((d) => `${d.at}: ${d.want} / ${d.got}`);

test("a map holds at least the keys that are asked for, at any depth", () => {
  expect(told({ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 })).toEqual([]);
  expect(told({ a: { b: 1, x: 2 } }, { a: { b: 2 } })).toEqual(["a.b: 1 / 2", "a.x: 2 / nothing"]);
  expect(told({ a: 1 }, [])).toEqual([': {"a":1} / []']);
});

test("a list has just these items, in their order", () => {
  expect(told([{ a: 1 }, { a: 2 }], [{ a: 1, b: 0 }, { a: 2 }])).toEqual([]);
  expect(told({ l: [{ a: 1 }] }, { l: [{ a: 2 }] })).toEqual(["l[0].a: 1 / 2"]);
  expect(told({ l: [1] }, { l: [1, 2] })).toEqual(["l: [1] / [1,2]"]);
});

test.each([
  ["<any>", 0, true],
  ["<any>", undefined, false],
  ["<absent>", undefined, true],
  ["<absent>", null, false],
  ["<string>", "x", true],
  ["<string>", "", false],
  ["<number>", 3, true],
  ["<number>", "3", false],
  ["/^10[.]/", "10.1.2.3", true],
  ["/^10[.]/", "110.1.2.3", false],
  ["/^1/", 1, false],
  ["/", "/", true],
  ["7", 7, true],
  [7, "7", false],
  [null, null, true],
] as const)("%j against %j", (want, got, yes) => {
  expect(fits(want, got)).toBe(yes);
});

test("<some>, <none> and <count> look at a list as a set", () => {
  const links = [{ ifname: "lo" }, { ifname: "eth0", mtu: 1500 }];
  expect(told({ "<some>": [{ ifname: "eth0" }], "<none>": [{ mtu: 1400 }], "<count>": 2 }, links)).toEqual([]);
  expect(told({ l: { "<some>": [{ ifname: "eth1" }] } }, { l: links })).toEqual([
    'l: one like {"ifname":"eth1"} / closest {"ifname":"lo"}',
  ]);
  expect(told({ "<none>": [{ mtu: 1500 }] }, links)).toEqual([
    ': none like {"mtu":1500} / {"ifname":"eth0","mtu":1500}',
  ]);
  expect(told({ "<count>": 1 }, [1, 2])).toEqual([": 1 items / 2 items: [1,2]"]);
  expect(told({ "<some>": [1] }, "text")).toEqual([': {"<some>":[1]} / "text"']);
});

test("of many the item that differs least is told, by the keys that were asked for", () => {
  const rows = [
    { dst: "default", dev: "eth0", metric: 7 },
    { dst: "10.0.0.0/8", dev: "eth1" },
  ];
  expect(missing([{ dst: "default", dev: "eth1", table: "9" }], rows, "")[0]?.got).toBe(
    'closest {"dev":"eth0","dst":"default","table":null}',
  );
  expect(missing([{ dst: "default" }], [], "")[0]?.got).toBe("none at all");
  expect(present([{ dst: "x" }], rows, "")).toEqual([]);
});

test("a path leads to a value, or to nothing", () => {
  const value = { ips: [{ address: "10.1.2.3/24" }], a: { b: null } };
  expect(["ips[0].address", "ips[1].address", "a.b.c", "", "ips"].map((path) => valueAt(value, path))).toEqual([
    "10.1.2.3/24",
    undefined,
    undefined,
    value,
    value.ips,
  ]);
});
