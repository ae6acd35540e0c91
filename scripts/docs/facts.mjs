/** What the program itself knows and the pages repeat: its plugins with their config keys, its CNI error codes. */
import { capture, fail } from "../words.mjs";

const question = `
import { loadPlugin, pluginFace, pluginNames } from "./src/cni/plugins/registry.ts";
import { codeMeaning, faultCode } from "./src/cni/spec/error.ts";
const plugins = [];
for (const name of pluginNames) {
  const { kind, about, versions, capabilities, keys } = await loadPlugin(name);
  plugins.push({ name, kind, about, versions, capabilities, keys });
}
console.log(JSON.stringify({ plugins, codeMeaning, faultCode }));`;

/** `{ plugins: [{ name, kind, about, versions, capabilities, keys }], codeMeaning, faultCode }` */
export const askFacts = (bun) => {
  const asked = capture(bun, ["-e", question]);
  if (asked.code !== 0) fail(`the plugin registry does not load:\n${asked.text}`);
  return JSON.parse(asked.out);
};
