/**
 * Run by Bun: `bundle.mjs OUT` writes OUT/main.js and what it loads, ready to be compiled. A plugin loads one file, since
 * each further one costs it 0.1 ms at every start; which one, its verb decides, since so do 30 KB that are not needed:
 *
 * - OUT/faces.js for VERSION: what all plugins are called and speak
 * - OUT/acts/<plugin>.js for ADD and DEL, for which a pod waits
 * - OUT/plugins/<plugin>.js for all other verbs: the plugin with everything
 * - OUT/later/<plugin>.js for an IPAM plugin that few ask for: loaded when it is delegated to
 *
 * The command line stays in files that load when they are asked for.
 */
import { join, resolve } from "node:path";
import { pluginFace, pluginNames } from "../src/cni/plugins/registry.ts";

const out = resolve(process.argv[2]);
const source = join(import.meta.dir, "..", "src");
const registry = join(source, "cni", "plugins", "registry.ts");
const app = (name) => join(source, "app", name);

const run = async (options) => {
  const built = await Bun.build({ target: "bun", format: "esm", minify: { syntax: true }, outdir: out, ...options });
  for (const log of built.logs) process.stderr.write(`${log}\n`);
  if (!built.success) process.exit(1);
};

const read = (path) => Bun.file(path).text();

/** The lines of the registry's table; the same shape for every plugin, so that they can be told apart here. */
const row = /^ {2}"?([\w-]+)"?: \{ face: \w+, load: async \(\) => \(await import\("([^"]+)"\)\)\.(\w+) \},\n/gm;
const table = await (async () => {
  const rows = [...(await read(registry)).matchAll(row)];
  if (rows.length !== pluginNames.length)
    throw new Error(`${registry}: a line of the table has another shape than the rest`);
  return new Map(rows.map(([, name, path, object]) => [name, { path: join(registry, "..", path), object }]));
})();

/** IPAM plugins with a lot of code, for which ADD and DEL of others wait a little longer. */
const rare = ["dhcp"];
const laterFile = (name) => join(out, "later", `${name}.js`);
const importLater = (path, name) => `(await import(${JSON.stringify(path)})).${name}`;

/** A plugin delegates to those that give addresses, to no other. */
const served = (name, other) =>
  name === other || (pluginFace(name).kind === "main" && pluginFace(other).kind === "ipam");

/** The registry with those lines that `keep` wants, each as it is or changed by it. */
const registryOf = (keep) => async () => (await read(registry)).replace(row, (line, name) => keep(name, line) ?? "");

const loading = /\(await import\("([^"]+)"\)\)/g;
/** `(await import("./check.ts")).check` is loaded with the rest: within one file there is nothing to wait for. */
const loadAtOnce = (text, which = (path) => !path.startsWith(out)) => {
  let n = 0;
  const imports = [];
  const body = text.replace(loading, (whole, path) => {
    if (!which(path)) return whole;
    imports.push(`import * as loaded${n} from "${path}";`);
    return `loaded${n++}`;
  });
  return `${imports.join("\n")}\n${body}`;
};

/** The line of a plugin's object, or before it, in which a verb loads its code. */
const asking = /^( *(?:const )?(?:check|gc|status)\b.*)\(await import\("[^"]+"\)\)/gm;
/** Without the verbs that are asked in another file. */
const withoutAsking = (text) => {
  const elsewhere = "elsewhere()";
  const body = text.replace(asking, (_, before) => `${before}${elsewhere}`);
  if (body === text) return text;
  return `${body}\nconst elsewhere = () => { throw new Error("this verb is not in this file"); };\n`;
};

/** Everything that `entry` loads, as one file. `prepare` changes the text of a module. */
const oneFile = async (entry, file, registryText, prepare = (text) => text) => {
  const plugin = {
    name: "one file",
    setup(build) {
      build.onResolve({ filter: /\/later\/[\w-]+\.js$/ }, ({ path }) => ({ path, external: true }));
      build.onLoad({ filter: /\/src\/(cni|app)\/.*\.ts$/ }, async ({ path }) => ({
        contents: loadAtOnce(prepare(path === registry ? await registryText() : await read(path))),
        loader: "ts",
      }));
    },
  };
  await run({
    entrypoints: [entry],
    outdir: join(file, ".."),
    naming: file.slice(file.lastIndexOf("/") + 1),
    plugins: [plugin],
  });
  // One import that waits makes the bundler wrap all that it shares with the rest in functions, which then run one by one.
  if ((await read(file)).includes("Promise.resolve().then("))
    throw new Error(`${file} loads something later: write it as (await import("./file.ts")).name`);
};

const facesFile = join(out, "faces.js");
const actsFile = (name) => join(out, "acts", `${name}.js`);
const wholeFile = (name) => join(out, "plugins", `${name}.js`);
const main = app("plugin-main.ts");

const faceAlone = (_, line) =>
  line.replace(/load: .* \}/, 'load: async () => { throw new Error("not in this file"); } }');
await oneFile(app("face-main.ts"), facesFile, registryOf(faceAlone));
for (const name of rare)
  await oneFile(
    table.get(name).path,
    laterFile(name),
    registryOf(() => ""),
    withoutAsking,
  );
for (const name of pluginNames) {
  const here = (other, line) => {
    if (!served(name, other)) return undefined;
    if (other === name || !rare.includes(other)) return line;
    const { object } = table.get(other);
    return line.replace(/\(await .*\w+ \}/, `${importLater(laterFile(other), object)} }`);
  };
  await oneFile(main, actsFile(name), registryOf(here), withoutAsking);
  await oneFile(
    main,
    wholeFile(name),
    registryOf((other, line) => (served(name, other) ? line : undefined)),
  );
}

/** What the executable's first file needs of the registry and of plugins: names, and where each one's files are. */
const chosen = (() => {
  const load = (path) => `() => import(${JSON.stringify(path)})`;
  const files = (fileOf) => pluginNames.map((name) => `${JSON.stringify(name)}: ${load(fileOf(name))}`).join(", ");
  return {
    "registry.ts": `export const isPluginName = (name) => ${JSON.stringify(pluginNames)}.includes(name);`,
    "face-main.ts": `export { faceMain } from ${JSON.stringify(facesFile)};`,
    "plugin-main.ts": `const acts = { ${files(actsFile)} };
const plugins = { ${files(wholeFile)} };
export const pluginMain = async (name) => {
  const verb = process.env.CNI_COMMAND;
  return (await (verb === "ADD" || verb === "DEL" ? acts : plugins)[name]()).pluginMain(name);
};`,
  };
})();

const entry = app("main.ts");
await run({
  entrypoints: [entry],
  splitting: true,
  plugins: [
    {
      name: "files of plugins",
      setup: (build) => {
        build.onResolve({ filter: /\/(registry|face-main|plugin-main)\.ts$/ }, ({ path, importer }) =>
          importer === entry ? { path: path.slice(path.lastIndexOf("/") + 1), namespace: "chosen" } : undefined,
        );
        build.onLoad({ filter: /./, namespace: "chosen" }, ({ path }) => ({ contents: chosen[path], loader: "js" }));
        // What leads to a plugin's file is in the first file itself.
        build.onLoad({ filter: /\/app\/main\.ts$/ }, async ({ path }) => ({
          contents: loadAtOnce(await read(path), (module) => /\/(face|plugin)-main\.ts$/.test(module)),
          loader: "ts",
        }));
      },
    },
  ],
});
