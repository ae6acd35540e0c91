/**
 * `npm test [-- filter ...]`, `npm run test:peers [-- filter ...]`, `npm run test:vm [-- filter ...]`: Bun's test runner
 * inside a throwaway network and mount namespace; for test:vm, one in a VM with Debian's kernel. A filter is a part of a
 * file's path. The last line is `N passed, N failed, N skipped`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { exit, argv as given } from "node:process";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { readJunit } from "./junit.mjs";
import { installNeeds } from "./needs.mjs";
import { setup } from "./setup.mjs";
import { inThrowaway, leaked } from "./throwaway.mjs";
import { inVm } from "./vm/run.mjs";
import { fail, filesBelow, root, say } from "./words.mjs";

/**
 * `timeout` is for one test, in milliseconds: it is there to end a test that hangs, not to time one. `vmSeconds` is how
 * long the VM of a tier that runs in one may live.
 */
const tiers = {
  unit: { has: /(?<!\.(peer|vm))\.test\.ts$/, timeout: 30_000 },
  peers: { has: /\.peer\.test\.ts$/, timeout: 120_000 },
  vm: { has: /\.vm\.test\.ts$/, timeout: 120_000, vmSeconds: 600 },
};

const { values, positionals } = parseArgs({
  args: given.slice(2),
  allowPositionals: true,
  options: { name: { type: "string", short: "t" } },
});
const [tierName, ...filters] = positionals;
const tier = tiers[tierName] ?? fail(`there is no tier ${tierName}`, `the tiers are ${Object.keys(tiers).join(", ")}`);

const files = ["src", "test", "bench"]
  .flatMap(filesBelow)
  .filter((file) => tier.has.test(file) && (filters.length === 0 || filters.some((part) => file.includes(part))));
if (files.length === 0) fail(`no ${tierName} test matches ${filters.join(" ") || "at all"}`);

const bun = setup();
installNeeds(tierName);
build();

mkdirSync(join(root, ".cache"), { recursive: true });
const scratch = mkdtempSync(join(root, ".cache", "test-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
const report = join(scratch, "junit.xml");
const args = ["test", `--timeout=${tier.timeout}`, "--reporter=junit", `--reporter-outfile=${report}`];
if (filters.length === 0) args.push("--only-failures");
if (values.name) args.push(`--test-name-pattern=${values.name}`);
args.push(...files.map((file) => `./${file}`));
const ran = tier.vmSeconds ? inVm(bun, args, { share: scratch, seconds: tier.vmSeconds }) : inThrowaway(bun, args);

let cases = [];
try {
  cases = readJunit(readFileSync(report, "utf8"));
  // Bun reports what a name filter leaves out as skipped, too.
  if (values.name) cases = cases.filter((one) => one.is !== "skipped");
} catch {
  say("bun test ended without a report");
}

const count = (is) => cases.filter((one) => one.is === is).length;
const problems = [];
if (!values.name)
  for (const file of files)
    if (!cases.some((one) => one.file === file)) problems.push(`${file}: no test of it ran; it may not have loaded`);
if (ran.why) problems.push(ran.why);
if (ran.code === leaked) problems.push("something was left behind; see LEAK above");
else if (ran.code !== 0 && count("failed") + problems.length === 0) problems.push(`bun test ended with ${ran.code}`);

for (const one of cases) if (one.is === "skipped") say(`SKIPPED ${one.file}: ${one.name}`);
for (const one of cases) if (one.is === "failed") say(`FAILED  ${one.file}: ${one.name}`);
for (const problem of problems) say(`FAILED  ${problem}`);

const passed = count("passed");
const failed = count("failed") + problems.length;
console.log(`${passed} passed, ${failed} failed, ${count("skipped")} skipped`);
exit(failed === 0 && passed > 0 ? 0 : 1);
