/**
 * Run by Bun: `bundle.mjs OUT` writes OUT/main.js and what it loads, ready to be compiled. Every plugin becomes one
 * file with all that its verbs need: each further file costs a plugin 0.1 ms at every start, and there were 25 of them.
 * The command line stays in files that load when they are asked for.
 */
import { join } from "node:path";
import { pluginFace, pluginNames } from "../src/cni/plugins/registry.ts";

const out = process.argv[2];
const source = join(import.meta.dir, "..", "src");
const entry = join(source, "app", "main.ts");
const registry = join(source, "cni", "plugins", "registry.ts");
const pluginMain = join(source, "app", "plugin-main.ts");

const run = async (options) => {
  const built = await Bun.build({ target: "bun", format: "esm", minify: { syntax: true }, outdir: out, ...options });
  for (const log of built.logs) process.stderr.write(`${log}\n`);
  if (!built.success) process.exit(1);
};

const read = (path) => Bun.file(path).text();

/** The lines of the registry's table; the same shape for every plugin, so that they can be told apart here. */
const row = /^ {2}"?([\w-]+)"?: \{ face: \w+, load: async \(\) => \(await import\("[^"]+"\)\)\.\w+ \},\n/gm;

/** A plugin delegates to those that give addresses, to no other. */
const served = (name) =>
  pluginNames.filter(
    (other) => other === name || (pluginFace(name).kind === "main" && pluginFace(other).kind === "ipam"),
  );

const registryFor = async (name) => {
  const text = await read(registry);
  const names = [...text.matchAll(row)].map((m) => m[1]);
  if (names.length !== pluginNames.length)
    throw new Error(`${registry}: a line of the table has another shape than the rest`);
  const keep = served(name);
  return text.replace(row, (line, other) => (keep.includes(other) ? line : ""));
};

/** `(await import("./check.ts")).check` is loaded with the rest: within one file there is nothing to wait for. */
const loadAtOnce = (text) => {
  let n = 0;
  const imports = [];
  const body = text.replace(/\(await import\("([^"]+)"\)\)/g, (_, path) => {
    imports.push(`import * as loaded${n} from "${path}";`);
    return `loaded${n++}`;
  });
  return `${imports.join("\n")}\n${body}`;
};

const onePlugin = (name) => ({
  name: "one plugin",
  setup(build) {
    build.onLoad({ filter: /\/src\/(cni|app)\/.*\.ts$/ }, async ({ path }) => ({
      contents: loadAtOnce(path === registry ? await registryFor(name) : await read(path)),
      loader: "ts",
    }));
  },
});

const pluginFile = (name) => join(out, "plugins", `${name}.js`);
for (const name of pluginNames) {
  await run({
    entrypoints: [pluginMain],
    outdir: join(out, "plugins"),
    naming: `${name}.js`,
    plugins: [onePlugin(name)],
  });
  // One import that waits makes the bundler wrap all that it shares with the rest in functions, which then run one by one.
  if ((await read(pluginFile(name))).includes("Promise.resolve().then("))
    throw new Error(`${name} loads something later: write it as (await import("./file.ts")).name`);
}

/** What the executable's first file needs of the registry and of plugins: names, and where each one's file is. */
const chosen = (() => {
  const loads = pluginNames.map((name) => `${JSON.stringify(name)}: () => import(${JSON.stringify(pluginFile(name))})`);
  return {
    names: `export const isPluginName = (name) => ${JSON.stringify(pluginNames)}.includes(name);`,
    main: `const files = {${loads.join(", ")}};
export const pluginMain = async (name) => (await files[name]()).pluginMain(name);`,
  };
})();

await run({
  entrypoints: [entry],
  splitting: true,
  plugins: [
    {
      name: "names alone",
      setup: (build) => {
        build.onResolve({ filter: /\/registry\.ts$/ }, ({ importer }) =>
          importer === entry ? { path: "names", namespace: "chosen" } : undefined,
        );
        build.onResolve({ filter: /\/plugin-main\.ts$/ }, () => ({ path: "main", namespace: "chosen" }));
        build.onLoad({ filter: /./, namespace: "chosen" }, ({ path }) => ({ contents: chosen[path], loader: "js" }));
      },
    },
  ],
});
