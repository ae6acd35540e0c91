/**
 * `npm run build [-- --target linux-arm64]`: one executable, dist/podwire, and dist/cni/<plugin> as hard links to it.
 * Another machine's build goes to dist/<target>/. Nothing is done when no input has changed.
 */
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bunBinary, bunVersion, hostTarget, targets } from "./bun.mjs";
import { setup } from "./setup.mjs";
import { capture, fail, filesBelow, hashOf, root, say } from "./words.mjs";

const entry = "src/app/main.ts";
const registry = "./src/cni/plugins/registry.ts";

/** The compiled program runs as root in folders that others can write: it must not read a `.env` or `bunfig.toml` there. */
const flags = [
  "--compile",
  "--minify",
  "--bytecode",
  "--format=esm",
  "--splitting",
  // A plugin is over before compiled code pays; the command line goes back to 1 in src/app/command-main.ts.
  "--compile-jit-policy=100",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

/** The plugin names, asked of the registry itself. */
const pluginNames = (bun) => {
  const code = `import { pluginNames } from "${registry}"; console.log(JSON.stringify([...pluginNames]));`;
  const asked = capture(bun, ["-e", code]);
  if (asked.code !== 0) fail(`the plugin registry does not load:\n${asked.text}`);
  return JSON.parse(asked.out);
};

const compile = (bun, target, outfile) => {
  const cross =
    target === hostTarget()
      ? []
      : [`--target=${targets[target].compile}`, `--compile-executable-path=${bunBinary(target)}`];
  const parts = `${outfile}.parts`;
  const bundled = capture(bun, [join(root, "scripts", "bundle.mjs"), parts]);
  if (bundled.code !== 0) fail(`the program could not be bundled:\n${bundled.text}`);
  const built = capture(bun, ["build", join(parts, "main.js"), ...flags, ...cross, `--outfile=${outfile}`]);
  rmSync(parts, { recursive: true });
  if (built.code !== 0 || !existsSync(outfile)) fail(`bun build failed:\n${built.text}`);
};

/** Hard links cost no space; each is made aside and renamed, so that a plugin is never missing while we build. */
const link = (executable, folder, names) => {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const part = join(folder, `.${name}.${process.pid}`);
    linkSync(executable, part);
    renameSync(part, join(folder, name));
  }
  for (const name of readdirSync(folder)) if (!names.includes(name)) rmSync(join(folder, name));
};

/** Builds when needed. Gives the folder with `podwire` and `cni/`. */
export const build = (target = hostTarget()) => {
  const bun = setup();
  if (!existsSync(join(root, entry))) fail(`${entry} is not there, so there is nothing to build`);
  const dist = target === hostTarget() ? join(root, "dist") : join(root, "dist", target);
  const executable = join(dist, "podwire");
  const stamp = join(dist, ".inputs");
  const sources = filesBelow("src").filter((file) => !file.endsWith(".test.ts"));
  const inputs = [
    ...sources,
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "scripts/build.mjs",
    "scripts/bundle.mjs",
  ];
  const want = hashOf(inputs, target, bunVersion());
  const plugins = join(dist, "cni");
  const fresh = existsSync(stamp) && existsSync(plugins) && readFileSync(stamp, "utf8") === want;
  const names = fresh ? readdirSync(plugins) : pluginNames(bun);
  if (fresh && existsSync(executable) && names.length > 0) return dist;

  say(`building ${executable.slice(root.length + 1)}`);
  mkdirSync(dist, { recursive: true });
  rmSync(stamp, { force: true });
  const part = `${executable}.${process.pid}`;
  compile(bun, target, part);
  renameSync(part, executable);
  link(executable, plugins, names);
  writeFileSync(stamp, want);
  return dist;
};

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { target: { type: "string" } } });
  const target = values.target ?? hostTarget();
  if (!(target in targets)) fail(`there is no target ${target}`, `the targets are ${Object.keys(targets).join(", ")}`);
  console.log(build(target));
}
