/** What is generated: in pages the tables of a plugin's config keys and of the CNI error codes; whole, a JSON Schema. */

const row = (cells) => `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
const table = (head, rows) => [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
const code = (text) => `\`${text}\``;
const list = (words) => (words.length === 0 ? "none" : words.map(code).join(", "));

const kinds = { main: "main plugin", ipam: "IPAM plugin", meta: "meta plugin" };

const pluginFacts = ({ name, kind, about, versions, capabilities, keys }) => {
  const facts = [
    `\`${name}\`, ${kinds[kind]}: ${about}.`,
    "",
    `- CNI versions: ${versions.join(", ")}`,
    `- Capabilities (what it takes from \`runtimeConfig\`): ${list(capabilities)}`,
  ];
  if (keys.length === 0) return [...facts, "- Config keys of its own: none"].join("\n");
  const rows = keys.map((k) => [code(k.key), k.type, k.default, k.meaning]);
  return [...facts, "", table(["key", "type", "default", "meaning"], rows)].join("\n");
};

/** Kinds of fault that give each code, for those who read the source or search the logs. */
const errorCodes = ({ codeMeaning, faultCode }) => {
  const of = (number) => Object.keys(faultCode).filter((kind) => faultCode[kind] === number);
  const rows = Object.entries(codeMeaning).map(([number, meaning]) => {
    const from = number === "51" ? ["unavailable"] : of(Number(number));
    return [number, meaning, from.map(code).join(", ")];
  });
  return table(["code", "meaning", "fault in podwire's source"], rows);
};

/** For editors; a file of cases names it in its first line. */
const conformanceSchema = ({ conformance }) => {
  const head = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "podwire conformance",
    description: "A file of cases: podwire conformance --bin-dir DIR --cases FILE",
  };
  return `${JSON.stringify({ ...head, ...conformance }, null, 2)}\n`;
};

const marked = /(<!-- generated:start -->\n)[\s\S]*?(<!-- generated:end -->)/;

const fill = (file, page, text) => {
  if (!marked.test(page)) throw new Error(`${file} has no <!-- generated:start --> and <!-- generated:end -->`);
  return page.replace(marked, (_, start, end) => `${start}\n${text}\n\n${end}`);
};

/** File of each generated part, and how its page is made from the page as it is. */
export const generators = (facts) =>
  Object.fromEntries([
    ...facts.plugins.map((plugin) => {
      const file = `docs/plugins/${plugin.name}.md`;
      return [file, (page) => fill(file, page, pluginFacts(plugin))];
    }),
    ["docs/conformance.schema.json", () => conformanceSchema(facts)],
    ["docs/errors.md", (page) => fill("docs/errors.md", page, errorCodes(facts))],
  ]);
