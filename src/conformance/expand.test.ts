import { expect, test } from "bun:test";
import { builtInChapters } from "./cases/registry.ts";
import { expand, idMatcher } from "./expand.ts";
import { needNames } from "./needs.ts";
import type { Chapter } from "./schema.ts";
import { cniVersions } from "./schema.ts";
import type { FoundPlugin } from "./types.ts";

const plugin = (name: string, versions: readonly string[] = ["0.4.0", "1.0.0"]): FoundPlugin => ({
  name,
  path: `/x/${name}`,
  versions,
});
const steps = [{ verb: "ADD" }];
const one = (id: string, more: object = {}) => ({ id, title: id, steps, ...more });
const base: Chapter = {
  plugin: "bridge",
  kind: "interface",
  clause: "docs",
  config: { bridge: "cf0", mtu: 1400 },
  needs: ["veth"],
  uses: ["host-local"],
  setup: "a",
  cases: [one("own")],
};
const group = (more: object, name: "interface" | "any" = "interface"): Chapter => ({
  group: name,
  clause: "spec",
  setup: "b",
  cases: [one("all", more)],
});
const both = [plugin("bridge"), plugin("host-local")];
const ids = (chapters: readonly Chapter[], plugins = both): string[] => expand(chapters, plugins).map((c) => c.id);

test("a case is run with the newest version that the plugin claims, with all, or with those listed", () => {
  expect(ids([base, group({})])).toEqual(["bridge/own@1.0.0", "bridge/all@1.0.0"]);
  expect(ids([{ ...base, cases: [] }, group({ versions: "all" })])).toEqual(["bridge/all@0.4.0", "bridge/all@1.0.0"]);
  const listed = expand([{ ...base, cases: [] }, group({ versions: ["1.0.0", "1.1.0"] })], both);
  expect(listed.map((c) => [c.version, c.skip])).toEqual([
    ["1.0.0", undefined],
    ["1.1.0", "the plugin does not claim CNI 1.1.0"],
  ]);
});

test("a group's case is given what the plugin's own chapter says, and its own on top", () => {
  const [c] = expand(
    [{ ...base, cases: [] }, group({ config: { mtu: null, vlan: 5 }, needs: ["vlan"], setup: "c" })],
    both,
  );
  expect(c).toMatchObject({ config: { bridge: "cf0", vlan: 5 }, needs: ["veth", "vlan"], setup: ["a", "b", "c"] });
  expect(c?.config).not.toHaveProperty("mtu");
});

test("what holds for every plugin is tried without a plugin's surroundings", () => {
  const cases = expand([{ ...base, cases: [] }, group({}, "any")], both);
  expect(cases.map((c) => [c.id, c.needs, c.setup])).toEqual([
    ["bridge/all@1.0.0", [], ["b"]],
    ["host-local/all@1.0.0", [], ["b"]],
  ]);
});

test("only and except choose among a group's plugins", () => {
  const ptp: Chapter = { ...base, plugin: "ptp", cases: [] };
  const of = (more: object): string[] => ids([{ ...base, cases: [] }, ptp, group(more)], [...both, plugin("ptp")]);
  expect(of({ only: ["ptp"] })).toEqual(["ptp/all@1.0.0"]);
  expect(of({ except: ["ptp"] })).toEqual(["bridge/all@1.0.0"]);
});

test("a case is skipped with the reason: no plugin, no other plugin, no version that is known", () => {
  const reasons = (plugins: readonly FoundPlugin[]) => expand([base], plugins).map((c) => c.skip);
  expect(reasons([plugin("host-local")])).toEqual(["the plugin is not in the folder"]);
  expect(reasons([plugin("bridge")])).toEqual(["needs host-local, which is not in the folder"]);
  expect(reasons([plugin("bridge", ["9.0.0"]), plugin("host-local")])).toEqual([
    "bridge claims no version that is known here",
  ]);
  expect(reasons([{ ...plugin("bridge", []), trouble: "says nothing" }])).toEqual(["says nothing"]);
});

test.each([
  ["bridge/*", true],
  ["*/own*", true],
  ["own", true],
  ["bridge/own", true],
  ["*@1.0.0", true],
  ["bridge/o?n@*", true],
  ["ptp/*", false],
  ["*@1.1.0", false],
  ["bridge/ow", false],
])("pattern %s", (pattern, yes) => {
  expect(idMatcher(pattern)("bridge/own@1.0.0")).toBe(yes);
});

const names = ["bridge", "loopback", "host-local", "static", "ptp", "macvlan", "ipvlan", "vlan", "dummy", "tap"];
const more = ["host-device", "dhcp", "tuning", "portmap", "firewall", "bandwidth", "sbr", "vrf"];
const every = expand(
  builtInChapters(),
  [...names, ...more].map((name) => plugin(name, cniVersions)),
);

test("built in, every plugin of the reference set has cases of its own, and no id is there twice", () => {
  const all = every.map((c) => c.id);
  expect(all.filter((id, i) => all.indexOf(id) !== i)).toEqual([]);
  expect([...new Set(every.map((c) => c.plugin))].sort()).toEqual([...names, ...more].sort());
});

test("built in, what cases need is known, and only plugins of the set are used", () => {
  expect([...new Set(every.flatMap((c) => c.needs))].filter((need) => !needNames.includes(need))).toEqual([]);
  expect([...new Set(every.flatMap((c) => c.uses))].filter((name) => !names.includes(name))).toEqual([]);
});

test("built in, every clause says where it stands", () => {
  const where = /^(spec \d\.\d\.\d|plugin documentation|CONVENTIONS|beyond the specification|CVE-|GHSA-)/;
  expect(every.map((c) => c.clause).filter((clause) => !where.test(clause))).toEqual([]);
});
