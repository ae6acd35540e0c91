/** `npm run check`: everything that can be judged without running the tests. Every step runs, even after a failure. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { exit } from "node:process";
import { edgesOnly, everyMemberRegistered, nothingPrivate, nothingUnfinished, shortAndNamedWell } from "./rules.mjs";
import { setup } from "./setup.mjs";
import { capture, root } from "./words.mjs";

const bin = (name) => join(root, "node_modules", ".bin", name);

/** A step is a program, judged by its exit code, or a rule, judged by what it finds. */
const program =
  (path, ...args) =>
  () => {
    const done = capture(path, args, { env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" } });
    return done.code === 0 ? "" : done.text || `${path} ended with ${done.code}`;
  };
const rule = (find) => () => {
  try {
    return find().join("\n");
  } catch (error) {
    return error.message;
  }
};

const steps = {
  types: program(bin("tsc"), "-p", "."),
  style: program(bin("biome"), "check", "--error-on-warnings"),
  layers: program(bin("depcruise"), "--config", ".dependency-cruiser.cjs", "--output-type", "err-long", "src", "test"),
  unused: program(bin("knip"), "--no-progress", "--no-config-hints"),
  registries: rule(everyMemberRegistered),
  files: rule(shortAndNamedWell),
  edges: rule(edgesOnly),
  unfinished: rule(nothingUnfinished),
  private: rule(nothingPrivate),
};

const docs = join(root, "scripts", "docs.mjs");
if (existsSync(docs)) steps.docs = program(process.execPath, docs, "--check");

setup();
const failed = [];
for (const [name, step] of Object.entries(steps)) {
  const start = performance.now();
  const found = step();
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
  console.log(`${found ? "FAILED" : "ok    "} ${name.padEnd(11)}${seconds} s`);
  if (!found) continue;
  failed.push(name);
  console.log(`${found.replace(/^/gm, "    ")}\n`);
}
console.log(
  failed.length === 0
    ? `check: all ${Object.keys(steps).length} steps are fine`
    : `check: ${failed.length} of ${Object.keys(steps).length} steps failed: ${failed.join(", ")}`,
);
exit(failed.length === 0 ? 0 : 1);
