/**
 * What is generated: in pages the tables of a plugin's config keys, of the CNI error codes, of checks and faults, and of
 * ports; whole, a JSON Schema.
 */

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

/** A heading that findings can point to, and what is said of each check in a row. */
const checkTables = ({ node: { checks, betweenChecks, peerChecks, faults } }) => {
  const breaking = (id, peers) =>
    faults.filter((f) => f.foundBy.includes(id) && (f.peers !== undefined) === peers).map((f) => f.name);
  const rows = (some, peers = false) =>
    table(
      ["id", "name", "worst", "what holds when it is well", "what goes wrong otherwise", "broken in a lab by"],
      some.map((c) => [c.id, code(c.name), c.severity, c.title, c.why, breaking(c.id, peers).map(code).join(", ")]),
    );
  const areas = [...new Set(checks.map((c) => c.area))];
  const heading = (word) => `## ${word[0].toUpperCase()}${word.slice(1)}`;
  return [
    ...areas.flatMap((area) => [heading(area), "", rows(checks.filter((c) => c.area === area)), ""]),
    heading("between nodes"),
    "",
    rows(betweenChecks),
    "",
    heading("between nodes, when they try each other"),
    "",
    rows(peerChecks, true),
    "",
    heading("faults of a lab"),
    "",
    table(
      ["fault", "what is wrong then", "hint", "found by"],
      faults.map((f) => [code(f.name), f.title, f.hint, f.foundBy.join(", ")]),
    ),
  ].join("\n");
};

const sources = {
  self: "the node itself",
  nodes: "every node",
  "control-planes": "control planes",
  etcd: "etcd members",
  pods: "pods",
  clients: "clients outside",
};

const portTables = ({ node: { portRows } }) => {
  const port = ({ protocol, ports: [first, last] }) => `${protocol}/${first === last ? first : `${first}-${last}`}`;
  const rows = (some) =>
    table(
      ["port", "what listens", "programs", "who must reach it", "what fails otherwise"],
      some.map((r) => [
        port(r),
        r.what,
        r.owners.length > 0 ? r.owners.map(code).join(", ") : "the kernel",
        r.from.map((source) => sources[source]).join(", "),
        r.why,
      ]),
    );
  const every = portRows.filter((r) => r.network === undefined);
  const networks = [...new Set(portRows.map((r) => r.network).filter((n) => n !== undefined))];
  const of = (role) => every.filter((r) => r.roles.includes(role));
  return [
    ...[
      ["A control plane", "control-plane"],
      ["An etcd member", "etcd"],
      ["A worker", "worker"],
    ].flatMap(([title, role]) => [`## ${title}`, "", rows(of(role)), ""]),
    ...networks.flatMap((n) => [`## With \`--network ${n}\``, "", rows(portRows.filter((r) => r.network === n)), ""]),
  ]
    .join("\n")
    .trimEnd();
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
    ["docs/checks.md", (page) => fill("docs/checks.md", page, checkTables(facts))],
    ["docs/ports.md", (page) => fill("docs/ports.md", page, portTables(facts))],
    ["docs/errors.md", (page) => fill("docs/errors.md", page, errorCodes(facts))],
  ]);
