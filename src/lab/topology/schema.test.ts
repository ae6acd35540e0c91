import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import * as v from "valibot";
import { limits, nodeKeys, topologyKeys, topologySchema } from "./schema.ts";

const published = JSON.parse(readFileSync(join(import.meta.dir, "../../../docs/lab.schema.json"), "utf8"));
const byFile = new Ajv({ strict: true, allowUnionTypes: true }).compile(published);
const byProgram = (value: unknown): boolean => v.safeParse(topologySchema, value).success;

const good: readonly unknown[] = [
  {},
  { name: "a", label: "서울", family: "ipv4", underlay: "bridge", pods: 0, nodes: 1, mtu: 1280 },
  { name: "a-1", family: "ipv6", underlay: "router", pods: limits.pods, nodes: limits.nodes, mtu: 65535 },
  { family: "dual", subnet: "10.0.0.0/8", subnet6: "fd00::/48", cniBinDir: "/opt/cni/bin" },
  { nodes: [{}] },
  { nodes: [{ role: "control-plane", pods: 2, label: "x" }, { role: "worker" }] },
];
const bad: readonly unknown[] = [
  [],
  "lab",
  { nodes: 0 },
  { nodes: limits.nodes + 1 },
  { nodes: 1.5 },
  { nodes: "3" },
  { nodes: [] },
  { nodes: [{ role: "master" }] },
  { nodes: [{ pods: -1 }] },
  { nodes: [{ color: "red" }] },
  { pods: limits.pods + 1 },
  { name: "A" },
  { name: "-a" },
  { name: "" },
  { name: "a".repeat(33) },
  { label: "x".repeat(limits.label + 1) },
  { label: "a\u001b[31m" },
  { family: "ipv5" },
  { underlay: "vxlan" },
  { mtu: 1279 },
  { mtu: 65536 },
  { subnet: "10.244.0.0" },
  { subnet: "fd00::/48" },
  { subnet6: "10.0.0.0/8" },
  { cniBinDir: "bin" },
  { unknown: 1 },
];

test.each(good.map((value) => [value]))("the published schema and the program both take %j", (value) => {
  expect([byFile(value), byProgram(value)]).toEqual([true, true]);
});
test.each(bad.map((value) => [value]))("the published schema and the program both refuse %j", (value) => {
  expect([byFile(value), byProgram(value)]).toEqual([false, false]);
});

test("the published schema has every key, each with words for a person", () => {
  const keys = (schema: { properties: Record<string, { description?: string }> }): string[] =>
    Object.entries(schema.properties).flatMap(([key, s]) => (s.description ? [key] : []));
  expect(keys(published).sort()).toEqual(topologyKeys.toSorted());
  expect(keys(published.$defs.node).sort()).toEqual(nodeKeys.toSorted());
});
