/**
 * `node scripts/docs.mjs`: generated tables made anew, and the outputs in the pages replaced by what their commands
 * print now. `--check`: are the tables current, do the links lead somewhere, do the guides say the same? (seconds, in
 * `npm run check`). `--compare PAGE`: does each command of the page still print what the page says? (in `npm test`).
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv, exit } from "node:process";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { stepsOf, withOutputs } from "./docs/console.mjs";
import { askFacts } from "./docs/facts.mjs";
import { generators } from "./docs/generated.mjs";
import { brokenLinks } from "./docs/links.mjs";
import { differencesOf, outputsOf } from "./docs/run.mjs";
import { setup } from "./setup.mjs";
import { capture, fail, root, say } from "./words.mjs";

const guides = ["docs/guide.md", "docs/ko/guide.md"];

const read = (file) => {
  if (!existsSync(join(root, file)))
    fail(`there is no ${file}`, `make it, with the lines <!-- generated:start --> and <!-- generated:end --> in it`);
  return readFileSync(join(root, file), "utf8");
};

/** Every page that git has or would take. */
const pages = () => {
  const listed = capture("git", ["-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "*.md"]);
  if (listed.code !== 0) fail(`git ls-files: ${listed.text}`);
  return listed.out.split("\n").filter(Boolean);
};

/** What a page does, without what it prints. */
const deeds = (file) => stepsOf(read(file)).map((step) => step.command ?? `${step.path}\n${step.text}`);

const check = () => {
  const made = Object.entries(generators(askFacts(setup())));
  const [english, korean] = guides.map(deeds);
  const parted = english.findIndex((deed, i) => deed !== korean[i]);
  const found = [
    ...made.flatMap(([file, make]) =>
      make(read(file)) === read(file) ? [] : [`${file}: node scripts/docs.mjs mends`],
    ),
    ...brokenLinks(pages()),
    ...(parted < 0 && english.length === korean.length
      ? []
      : [`${guides.join(" and ")} differ at: ${english[parted] ?? korean[english.length] ?? "the end"}`]),
  ];
  for (const line of found) console.log(line);
  return found.length === 0 ? 0 : 1;
};

const compare = (file) => {
  const page = read(file);
  const found = differencesOf(page, outputsOf(page));
  for (const line of found) console.log(line);
  if (found.length > 0) console.log(`${file} has gone stale: node scripts/docs.mjs mends it`);
  return found.length === 0 ? 0 : 1;
};

const rewrite = (file, make) => {
  const before = read(file);
  const after = make(before);
  if (after === before) return;
  writeFileSync(join(root, file), after);
  say(`rewrote ${file}`);
};

const renew = () => {
  build();
  const facts = askFacts(setup());
  for (const [file, make] of Object.entries(generators(facts))) rewrite(file, make);
  for (const file of pages().filter((file) => stepsOf(read(file)).length > 0)) {
    const need = /^<!-- needs kernel: (.+) -->$/m.exec(read(file))?.[1];
    if (facts.lacking.includes(need)) {
      say(`${file} left as it is: this kernel has no ${need}; npm run test:vm -- test/pages compares`);
      continue;
    }
    say(`running ${file}`);
    rewrite(file, (page) => withOutputs(page, outputsOf(page)));
  }
  return 0;
};

const { values } = parseArgs({
  args: argv.slice(2),
  options: { check: { type: "boolean" }, compare: { type: "string" } },
});
exit(values.check ? check() : values.compare ? compare(values.compare) : renew());
