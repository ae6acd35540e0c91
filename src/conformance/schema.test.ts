import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import * as v from "valibot";
import { parse } from "yaml";
import { parseChapter } from "./parse.ts";
import { chapterSchema } from "./schema.ts";

const published = JSON.parse(readFileSync(join(import.meta.dir, "../../docs/conformance.schema.json"), "utf8"));
const byFile = new Ajv({ strict: true, allowUnionTypes: true }).compile(published);
const byProgram = (value: unknown): boolean => v.safeParse(chapterSchema, value).success;

const chapter = (more: object, step: unknown = { verb: "ADD" }): unknown => ({
  plugin: "bridge",
  clause: "spec 1.1.0, section 2",
  cases: [{ id: "a-1", title: "it works", steps: [step], ...more }],
});

const good: readonly unknown[] = [
  { group: "any", clause: "x", cases: [] },
  chapter({}),
  chapter({ versions: "all", level: "should", needs: ["veth"], pods: 2, config: { mtu: 1400 } }),
  chapter({ versions: ["0.4.0", "1.1.0"], plugins: { fake: "#!/bin/sh" } }),
  chapter({}, { verb: "DEL", netns: null, env: { CNI_PATH: null }, expect: { exit: "zero", stdout: "<none>" } }),
  chapter({}, { run: "ip link del eth0", in: "pod1" }),
  chapter({}, { snapshot: "warm" }),
  chapter({}, { removePod: "pod1" }),
  chapter({}, { state: [{ in: "pod1", links: [{ mtu: 1400 }], without: { routes: [{ dst: "default" }] } }] }),
  chapter({}, { state: [{ reach: [{ from: "pod1", to: "10.1.0.1", at: "host" }], unchanged: "start" }] }),
];
const bad: readonly unknown[] = [
  [],
  "chapter",
  chapter({ id: "Upper" }),
  chapter({ steps: [] }),
  chapter({ colour: "red" }),
  chapter({ level: "may" }),
  chapter({ versions: ["2.0.0"] }),
  chapter({}, { verb: "ADD", expect: { exit: "1" } }),
  chapter({}, { verb: "ADD", times: 1.5 }),
  chapter({}, { run: "x", where: "host" }),
  chapter({}, { state: [{ reach: [{ from: "pod1" }] }] }),
  chapter({}, { verb: 4 }),
  chapter({}, "ADD"),
];

test.each(good.map((value) => [value]))("the published schema and the program both take %j", (value) => {
  expect([byFile(value), byProgram(value)]).toEqual([true, true]);
});
test.each(bad.map((value) => [value]))("the published schema and the program both refuse %j", (value) => {
  expect([byFile(value), byProgram(value)]).toEqual([false, false]);
});

test("an error is told at its place, with what was wanted", () => {
  const text =
    "plugin: a\nclause: c\ncases:\n  - id: a\n    title: t\n    steps:\n      - verb: ADD\n        expect: { exit: 1 }\n";
  expect(() => parseChapter(text, "a.yaml")).toThrow(
    "a.yaml:8:25: expected cases[0].steps[0].expect.exit to be zero or nonzero, got 1",
  );
  expect(() => parseChapter("plugin: a\nclause: c\ncases: []\ngroup: any\n", "b.yaml")).toThrow(
    "one of plugin and group",
  );
  expect(() => parseChapter("plugin: a\nclause: c\ncases: []\nkolour: 1\n", "c.yaml")).toThrow(
    "c.yaml:4:1: expected a key of the schema, got kolour; known are plugin, group,",
  );
  expect(() => parseChapter("plugin: [\n", "d.yaml")).toThrow("d.yaml:2:1: expected YAML");
});

const head = "plugin: a\nclause: c\ncases:\n  - id: a\n    title: t\n";
const mistakes: readonly (readonly [yaml: string, said: string])[] = [
  [
    `${head}    steps:\n      - verbs: ADD\n`,
    "f:7:9: expected a key of the schema, got cases[0].steps[0].verbs; did you mean verb?",
  ],
  [`${head}    steps: [{ pod: pod1 }]\n`, "f:6:13: expected the key verb in cases[0].steps[0], got none"],
  [head, "f:4:5: expected the key steps in cases[0], got none"],
  ["plugin: a\ncases: []\n", "f:1:1: expected the key clause, got none"],
  [
    `${head}    levl: must\n    steps: [{ verb: ADD }]\n`,
    "f:6:5: expected a key of the schema, got cases[0].levl; did you mean level?",
  ],
  [
    `${head}    steps:\n      - state: [{ linkz: [] }]\n`,
    "f:7:19: expected a key of the schema, got cases[0].steps[0].state[0].linkz; did you mean links?",
  ],
  [`${head}    steps: [ADD]\n`, 'f:6:13: expected cases[0].steps[0] to be a step such as { verb: ADD }, got "ADD"'],
  [
    `${head}    steps: [{ verb: ADD }]\n  - id: a\n    title: u\n    steps: [{ verb: ADD }]\n`,
    "f:7:9: expected ids that differ, got a twice",
  ],
  ["", "f:1:1: expected a map with plugin or group, clause and cases, got null"],
  ["clause: c\ncases: []\n", "f:1:1: expected one of plugin and group, got neither"],
];
test.each(mistakes.map(([yaml, said]) => [said, yaml]))("%s", (said, yaml) => {
  expect(() => parseChapter(yaml, "f")).toThrow(said);
});

test("of what may be one of several the deepest mistake is told", () => {
  const wrong = `${head}    versions: [2.0.0]\n    steps: [{ verb: ADD }]\n`;
  expect(() => parseChapter(wrong, "f")).toThrow("f:6:16: expected cases[0].versions[0] to be one of 0.1.0, 0.2.0");
});

test("every built-in chapter fits the published schema", async () => {
  const glob = new Bun.Glob("*.yaml");
  const folder = join(import.meta.dir, "cases");
  for await (const name of glob.scan(folder)) {
    const fine = byFile(parse(readFileSync(join(folder, name), "utf8")));
    expect([name, fine, byFile.errors]).toEqual([name, true, null]);
  }
});
