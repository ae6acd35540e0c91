/**
 * What the program itself knows and the pages repeat: its plugins with their config keys, its CNI error codes. And what
 * this kernel lacks, by the names of the probes.
 */
import { capture, fail } from "../words.mjs";

const question = `
import { loadPlugin, pluginFace, pluginNames } from "./src/cni/plugins/registry.ts";
import { probes } from "./src/kernel/probe/registry.ts";
import { codeMeaning, faultCode } from "./src/cni/spec/error.ts";
import { jsonSchemaOf } from "./scripts/docs/json-schema.mjs";
import { chapterSchema, stepSchemas } from "./src/conformance/schema.ts";
const plugins = [];
for (const name of pluginNames) {
  const { kind, about, versions, capabilities, keys } = await loadPlugin(name);
  plugins.push({ name, kind, about, versions, capabilities, keys });
}
const lacking = probes.filter((probe) => probe.ask().is === "no").map((probe) => probe.name);
const conformance = jsonSchemaOf(chapterSchema, stepSchemas);
console.log(JSON.stringify({ plugins, codeMeaning, faultCode, lacking, conformance }));`;

/** `{ plugins: [{ name, kind, about, versions, capabilities, keys }], codeMeaning, faultCode, lacking, conformance }` */
export const askFacts = (bun) => {
  const asked = capture(bun, ["-e", question]);
  if (asked.code !== 0) fail(`the plugin registry does not load:\n${asked.text}`);
  return JSON.parse(asked.out);
};
