/** Every package is a promise to keep up with someone else's work: each has its reason here, and an exact version. */
import { expect, test } from "bun:test";
import manifest from "../package.json";

const runTime = {
  commander: "the command line: options, help, unknown words",
  valibot: "configs that a person writes, outside the plugin path",
  yaml: "output and configs as kubectl has them",
};

const development = {
  "@biomejs/biome": "format and lint in one fast program",
  "@types/bun": "types of the runtime",
  ajv: "judges our JSON schemas, which we did not write it for",
  bun: "runtime, compiler and test runner, pinned",
  "dependency-cruiser": "holds the layers apart",
  "fast-check": "property tests of codecs, addresses, allocation and diffs",
  "ipaddr.js": "oracle of the address maths",
  knip: "finds files, exports and packages that nothing uses",
  typescript: "the type checker; 6, since dependency-cruiser reads TypeScript by its API, which 7 has not",
};

test("every package that ships has a reason", () => {
  expect(Object.keys(manifest.dependencies)).toEqual(Object.keys(runTime));
});

test("every package for development has a reason", () => {
  expect(Object.keys(manifest.devDependencies)).toEqual(Object.keys(development));
});

test("versions are exact", () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test("types and runtime are of one Bun", () => {
  expect(manifest.devDependencies["@types/bun"]).toBe(manifest.devDependencies.bun);
});

test("the lock file names versions and hashes, and no registry", async () => {
  const lock = await Bun.file(`${import.meta.dir}/../package-lock.json`).text();
  expect(lock).toContain('"integrity": "sha512-');
  expect(lock).not.toContain('"resolved"');
});
