/** The layers of src/: data flows one way, base <- kernel <- net <- cni, agent, node <- lab, verify, conformance <- app. */

/** Test files may use packages and programs that the code beside them may not, but keep to the layers. */
const test = "[.]test[.]ts$";
const testing = "/testing/";

/** folder: what it may import of src/ besides itself, and why. */
const layers = {
  base: { may: [], why: "values know nothing of Linux, files or networks" },
  "kernel/codec": { may: ["base"], why: "bytes to values and back is pure, and would run in a browser" },
  "kernel/os": { may: ["base", "kernel/codec"], why: "the door to the system knows nothing of who goes through it" },
  kernel: { may: ["base"], why: "what knows Linux does not know what we make of it" },
  net: { may: ["base", "kernel"], why: "links and routes do not know who wants them" },
  "cni/spec": { may: ["base"], why: "the specification's words are values; every reader can share them" },
  cni: { may: ["base", "kernel", "net"], why: "plugins work without an agent and without a cluster" },
  agent: { may: ["base", "kernel", "net", "cni/spec"], why: "the agent speaks CNI's words; plugins stay exchangeable" },
  node: { may: ["base", "kernel", "net"], why: "a node is checked before there is a network on it" },
  lab: { may: ["base", "kernel", "net", "cni", "agent", "node"], why: "a lab cluster is made of the real parts" },
  verify: {
    may: ["base", "kernel", "net", "cni", "agent", "node"],
    why: "proof by traffic works on any cluster, not on our lab alone",
  },
  conformance: {
    may: ["base", "kernel", "net"],
    why: "a judge shares nothing with the plugins that it judges",
  },
};

const oneWay = Object.entries(layers).map(([layer, { may, why }]) => ({
  name: `layer-${layer.replace("/", "-")}`,
  comment: `src/${layer} may import ${may.length ? may.map((other) => `src/${other}`).join(", ") : "nothing else of src"}: ${why}.`,
  severity: "error",
  from: { path: `^src/${layer}/` },
  to: { path: "^src/", pathNot: [layer, ...may].map((other) => `^src/${other}/`) },
}));

const core = ["core"];
const packages = ["npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg", "npm-unknown"];

/** Where a plugin starts from: it has milliseconds. */
const pluginPath = "^src/(base|kernel|net|cni/spec|cni/plugins)/|^src/cni/[^/]+$";

module.exports = {
  forbidden: [
    ...oneWay,
    {
      name: "pure",
      comment:
        "src/base, src/kernel/codec and src/net/plan touch nothing: no files, no processes, no clock of their own.",
      severity: "error",
      from: { path: "^src/(base|kernel/codec|net/plan)/", pathNot: test },
      to: { dependencyTypes: core },
    },
    {
      name: "one-door",
      comment: "System calls go through src/kernel/os, where each is written down once.",
      severity: "error",
      from: { pathNot: "^src/kernel/os/" },
      to: { path: "^bun:ffi$" },
    },
    {
      name: "light-plugin-path",
      comment: "A plugin starts for every pod: no package is loaded on its way.",
      severity: "error",
      from: { path: pluginPath, pathNot: [test, testing] },
      to: { dependencyTypes: packages },
    },
    {
      name: "plugins-delegate",
      comment: "A plugin reaches another one by delegation, as the specification has it, never by import.",
      severity: "error",
      from: { path: "^src/cni/plugins/([^/]+)/", pathNot: [test, testing] },
      to: { path: "^src/cni/plugins/[^/]+/", pathNot: "^src/cni/plugins/$1/" },
    },
    {
      name: "shipped-only",
      comment: "What ships imports neither development packages nor tests.",
      severity: "error",
      from: { path: "^src/", pathNot: [test, testing] },
      to: { dependencyTypes: ["npm-dev"] },
    },
    {
      name: "fakes-are-for-tests",
      comment: "A fake kernel in a shipped program would be a lie.",
      severity: "error",
      from: { path: "^src/", pathNot: [test, testing] },
      to: { path: testing },
    },
    {
      name: "no-test-imports",
      comment: "A test file is an end, not a library; what tests share lives in a file of its own.",
      severity: "error",
      from: {},
      to: { path: test },
    },
    {
      name: "src-stands-alone",
      comment: "src does not reach out of itself.",
      severity: "error",
      from: { path: "^src/", pathNot: test },
      to: { path: "^(test|bench|scripts|docs)/" },
    },
    {
      name: "no-cycles",
      comment: "Two files that need each other are one file, or three.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-orphans",
      comment: "A file that nothing imports and that imports nothing is left over.",
      severity: "error",
      from: { orphan: true, path: "^src/", pathNot: [test, "^src/app/main[.]ts$"] },
      to: {},
    },
    {
      name: "resolvable",
      comment: "Every import leads somewhere, and every package is in package.json.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true, // a type-only import binds two layers just as well
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
