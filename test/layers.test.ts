/** The layer rules bite: a small tree that breaks each of them once is reported line by line. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const repository = join(import.meta.dir, "..");

/** Path to content. Every import here is wrong, but for those of `fine.ts`. */
const wrong: Record<string, string> = {
  "src/app/main.ts": "export const main = 1;",
  "src/base/value.ts": "export const value = 1;",
  "src/base/up.ts": 'import { main } from "../app/main.ts";\nexport const up = main;',
  "src/base/file.ts": 'import { readFileSync } from "node:fs";\nexport const file = readFileSync;',
  "src/base/heavy.ts": 'import { parse } from "yaml";\nexport const heavy = parse;',
  "src/kernel/codec/impure.ts": 'import type { Stats } from "node:fs";\nexport type Impure = Stats;',
  "src/kernel/conn/door.ts": 'import { dlopen } from "bun:ffi";\nexport const door = dlopen;',
  "src/kernel/testing/fake.ts": 'import { value } from "../../base/value.ts";\nexport const fake = value;',
  "src/net/fine.ts": 'import { value } from "../base/value.ts";\nexport const fine = value;',
  "src/net/faked.ts": 'import { fake } from "../kernel/testing/fake.ts";\nexport const faked = fake;',
  "src/net/one.ts": 'import { two } from "./two.ts";\nexport const one = (): unknown => two;',
  "src/net/two.ts": 'import { one } from "./one.ts";\nexport const two = (): unknown => one;',
  "src/net/gone.ts": 'import { gone } from "./nowhere.ts";\nexport { gone };',
  "src/net/lonely.ts": "export const lonely = 1;",
  "src/cni/spec/typed.ts": 'import type { fine } from "../../net/fine.ts";\nexport type Typed = typeof fine;',
  "src/cni/plugins/a/a.ts": 'import { b } from "../b/b.ts";\nexport const a = b;',
  "src/cni/plugins/b/b.ts": 'import { fine } from "../../../net/fine.ts";\nexport const b = fine;',
  "src/agent/a.ts": 'import { b } from "../cni/plugins/b/b.ts";\nexport const a = b;',
  "src/node/a.ts": 'import { a } from "../agent/a.ts";\nexport const n = a;',
  "src/lab/lab.ts": 'import { fine } from "../net/fine.ts";\nexport const lab = fine;',
  "src/verify/v.ts": 'import { lab } from "../lab/lab.ts";\nexport const v = lab;',
  "src/conformance/c.ts": 'import { a } from "../cni/plugins/a/a.ts";\nexport const c = a;',
  "src/kernel/conn/up.ts": 'import { fine } from "../../net/fine.ts";\nexport const up = fine;',
  "src/kernel/codec/up.ts": 'import { door } from "../conn/door.ts";\nexport const up = door;',
  "src/kernel/os/up.ts": 'import { door } from "../conn/door.ts";\nexport const up = door;',
  "src/net/up.ts": 'import { lab } from "../lab/lab.ts";\nexport const up = lab;',
  "src/cni/up.ts": 'import { a } from "../agent/a.ts";\nexport const up = a;',
  "src/lab/up.ts": 'import { v } from "../verify/v.ts";\nexport const up = v;',
  "src/net/net.test.ts": 'import { value } from "../base/value.ts";\nexport const net = value;',
  "src/net/tested.ts": 'import { net } from "./net.test.ts";\nexport const tested = net;',
  "src/node/out.ts": 'import { shared } from "../../test/shared.ts";\nexport const out = shared;',
  "test/shared.ts": "export const shared = 1;",
  "src/net/dev.ts": 'import fc from "fast-check";\nexport const dev = fc;',
};

const expected = [
  "fakes-are-for-tests: src/net/faked.ts → src/kernel/testing/fake.ts",
  "layer-agent: src/agent/a.ts → src/cni/plugins/b/b.ts",
  "layer-base: src/base/up.ts → src/app/main.ts",
  "layer-cni-spec: src/cni/spec/typed.ts → src/net/fine.ts",
  "layer-node: src/node/a.ts → src/agent/a.ts",
  "layer-conformance: src/conformance/c.ts → src/cni/plugins/a/a.ts",
  "layer-verify: src/verify/v.ts → src/lab/lab.ts",
  "light-plugin-path: src/base/heavy.ts → node_modules/yaml",
  "light-plugin-path: src/net/dev.ts → node_modules/fast-check",
  "no-cycles: src/net/one.ts → src/net/two.ts",
  "no-test-imports: src/net/tested.ts → src/net/net.test.ts",
  "layer-cni: src/cni/up.ts → src/agent/a.ts",
  "layer-kernel: src/kernel/conn/up.ts → src/net/fine.ts",
  "layer-kernel-codec: src/kernel/codec/up.ts → src/kernel/conn/door.ts",
  "layer-kernel-os: src/kernel/os/up.ts → src/kernel/conn/door.ts",
  "layer-lab: src/lab/up.ts → src/verify/v.ts",
  "layer-net: src/net/up.ts → src/lab/lab.ts",
  "src-stands-alone: src/node/out.ts → test/shared.ts",
  "no-orphans: src/net/lonely.ts → src/net/lonely.ts",
  "one-door: src/kernel/conn/door.ts → bun:ffi",
  "plugins-delegate: src/cni/plugins/a/a.ts → src/cni/plugins/b/b.ts",
  "pure: src/base/file.ts → fs",
  "pure: src/kernel/codec/impure.ts → fs",
  "resolvable: src/net/gone.ts → ./nowhere.ts",
  "shipped-only: src/net/dev.ts → node_modules/fast-check",
];

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

let tree = "";

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "layers-"));
  for (const file of [".dependency-cruiser.cjs", "package.json", "tsconfig.json"])
    copyFileSync(join(repository, file), join(tree, file));
  symlinkSync(join(repository, "node_modules"), join(tree, "node_modules"));
  for (const [path, text] of Object.entries(wrong)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), `${text}\n`);
  }
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

test("every rule has a case here", () => {
  const { forbidden } = require("../.dependency-cruiser.cjs") as { forbidden: readonly { readonly name: string }[] };
  const cases = new Set(expected.map((line) => line.split(":")[0]));
  expect(forbidden.map(({ name }) => name).filter((name) => !cases.has(name))).toEqual([]);
});

test("every wrong import is reported under its rule, and nothing else is", () => {
  const cruiser = join(repository, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const ran = spawnSync("node", [cruiser, "--config", ".dependency-cruiser.cjs", "--output-type", "json", "src"], {
    cwd: tree,
    encoding: "utf8",
  });
  expect(ran.stderr).toBe("");
  const { summary } = JSON.parse(ran.stdout) as { summary: { violations: Violation[] } };
  const found = summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} → ${to.replace(/^.*(node_modules\/[^/]+)\/.*$/, "$1")}`,
  );
  expect(found.sort()).toEqual(expected.sort());
});
