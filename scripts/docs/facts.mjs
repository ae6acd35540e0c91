/**
 * What the program itself knows and the pages repeat: its plugins with their config keys, its CNI error codes, its
 * checks of a node, its faults and its table of ports, its schemas. And what this kernel lacks, by the names of the probes.
 */
import { join } from "node:path";
import { capture, fail, root } from "../words.mjs";

const question = `
import { loadPlugin, pluginFace, pluginNames } from "./src/cni/plugins/registry.ts";
import { probes } from "./src/kernel/probe/registry.ts";
import { codeMeaning, faultCode } from "./src/cni/spec/error.ts";
import { faults } from "./src/lab/faults/registry.ts";
import { betweenChecks } from "./src/node/between/registry.ts";
import { peerChecks } from "./src/node/peers/checks/registry.ts";
import { checks } from "./src/node/checks/registry.ts";
import { portRows } from "./src/node/ports/ports.ts";
const plugins = [];
for (const name of pluginNames) {
  const { kind, about, versions, capabilities, keys } = await loadPlugin(name);
  plugins.push({ name, kind, about, versions, capabilities, keys });
}
const lacking = probes.filter((probe) => probe.ask().is === "no").map((probe) => probe.name);
const node = { checks, betweenChecks, peerChecks, faults, portRows };
console.log(JSON.stringify({ plugins, codeMeaning, faultCode, lacking, node }));`;

const schemaScript = join(root, "scripts", "docs", "case-schema.mjs");

/**
 * `{ plugins: [{ name, kind, about, versions, capabilities, keys }], codeMeaning, faultCode, lacking, node, conformance }`,
 * `node` being what the registries of src/node and of the lab's faults have, `conformance` a JSON Schema.
 */
export const askFacts = (bun) => {
  const asked = capture(bun, ["-e", question]);
  if (asked.code !== 0) fail(`the plugin registry does not load:\n${asked.text}`);
  const schema = capture(bun, [schemaScript]);
  if (schema.code !== 0) fail(`the schema of conformance cases does not load:\n${schema.text}`);
  return { ...JSON.parse(asked.out), conformance: JSON.parse(schema.out) };
};
