import { expect, test } from "bun:test";
import { parseConfig } from "./parse.ts";

test("an empty config is layer 2 on what prevResult or the default route tells", () => {
  expect(parseConfig({ type: "ipvlan" })).toEqual({
    info: { kind: "ipvlan", data: { mode: 0 } },
    below: { inContainer: false },
    chained: true,
    dns: {},
  });
});

test("everything set", () => {
  const raw = { master: "up0", mode: "l3s", mtu: 1400, linkInContainer: true, ipam: { type: "static" } };
  expect(parseConfig(raw)).toEqual({
    info: { kind: "ipvlan", data: { mode: 2 } },
    below: { master: "up0", inContainer: true },
    chained: true,
    mtu: 1400,
    ipam: "static",
    dns: {},
  });
});

test("each mode by its name, and no other", () => {
  const modes = ["l2", "l3", "l3s"].map((mode) => parseConfig({ mode }).info);
  expect(modes).toMatchObject([{ data: { mode: 0 } }, { data: { mode: 1 } }, { data: { mode: 2 } }]);
  expect(() => parseConfig({ mode: "l4" })).toThrow('mode: expected l2, l3 or l3s, got "l4"');
});
