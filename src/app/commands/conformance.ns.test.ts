import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goodLoopback } from "../../conformance/testing/loopback.ts";
import type { Report } from "../../conformance/types.ts";
import { podwire, type Ran, read, root, run } from "../../lab/testing/labs.ts";

let folder = "";
let set = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "podwire-set-"));
  chmodSync(folder, 0o755);
  set = join(folder, "bin");
  mkdirSync(set);
  const talks = goodLoopback.replace('fail 104 "lo is down" ;;', 'fail 104 "lo is down"; echo all is fine ;;');
  writeFileSync(join(set, "loopback"), talks, { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const conformance = (...argv: readonly string[]): Promise<Ran> => run([podwire, "conformance", ...argv]);

test("a set that breaks a clause gives exit status 1, and both reports are written", async () => {
  const [json, junit] = [join(folder, "r.json"), join(folder, "r.xml")];
  const filter = ["--filter", "loopback/check-*", "--filter", "loopback/brings*@1.1.0"];
  const { exit, out, err } = await conformance("--bin-dir", set, ...filter, "--json", json, "--junit", junit);
  expect([exit, err]).toEqual([1, ""]);
  expect(out).toContain("✗ loopback/check-right-after-add@0.4.0");
  expect(out).toContain("  the same: CNI 1.0.0, 1.1.0\n");
  expect(out).toContain('    expected: nothing\n    seen:     "all is fine"\n');
  const report = JSON.parse(readFileSync(json, "utf8")) as Report;
  expect(report).toMatchObject({ kind: "ConformanceReport", summary: { ok: false, failed: 3 } });
  expect(readFileSync(junit, "utf8")).toContain('<testsuite name="loopback"');
});

test("a set that breaks none gives 0; JSON and JUnit go to stdout when they are asked for", async () => {
  const only = ["--bin-dir", set, "--filter", "loopback/brings*@1.0.0"];
  const table = await conformance(...only);
  expect([table.exit, table.err]).toEqual([0, ""]);
  expect(table.out).toMatch(/0[.]1[.]0 to 1[.]1[.]0\n\n✓ no clause is violated in 1 case in [\d.]+ s\n$/);
  expect(JSON.parse((await conformance(...only, "-o", "json")).out)).toMatchObject({ summary: { passed: 1 } });
  expect((await conformance(...only, "-o", "junit")).out).toStartWith("<?xml");
});

test("--list tells the cases and runs none, as a table and as JSON", async () => {
  const { exit, out } = await conformance("--bin-dir", set, "--list", "--filter", "loopback/result-*");
  expect(exit).toBe(0);
  expect(out).toStartWith("ID ");
  expect(out.trim().split("\n")).toHaveLength(8);
  const json = await conformance("--bin-dir", set, "--list", "--filter", "loopback/result-*", "-o", "json");
  expect(JSON.parse(json.out)).toHaveLength(7);
});

test("what cannot run gives 2 and the command that helps", async () => {
  const missing = await conformance("--bin-dir", join(folder, "nothing"));
  expect([missing.exit, missing.out]).toEqual([2, ""]);
  expect(missing.err).toContain("cannot be read");
  const empty = await conformance("--bin-dir", folder);
  expect([empty.exit, empty.err]).toEqual([2, expect.stringContaining("there is no executable file")]);
  const none = await conformance("--bin-dir", set, "--filter", "no/such");
  expect([none.exit, none.err]).toEqual([2, expect.stringContaining("--list")]);
  const also = await conformance("--bin-dir", set, "--also", "nope");
  expect([also.exit, also.out, also.err]).toEqual([2, "", expect.stringContaining(`--also nope in ${set}`)]);
  const option = await conformance();
  expect([option.exit, option.err]).toEqual([2, expect.stringContaining("--bin-dir")]);
});

test("cases of one's own are run, and a mistake in them is told at its place", async () => {
  const file = join(folder, "own.yaml");
  const text =
    "plugin: loopback\nclause: mine\ncases:\n  - { id: a, title: t, steps: [{ verb: ADD, expect: { exit: zero } }] }\n";
  writeFileSync(file, text);
  const fine = await conformance("--bin-dir", set, "--cases", file);
  expect([fine.exit, fine.out]).toEqual([0, expect.stringContaining("in 1 case")]);
  writeFileSync(file, text.replace("zero", "0"));
  const wrong = await conformance("--bin-dir", set, "--cases", file);
  expect([wrong.exit, wrong.err]).toEqual([2, expect.stringContaining("own.yaml:4:")]);
});

test("a case that cannot be judged gives 2, and so does a run that judges nothing", async () => {
  const file = join(folder, "broken.yaml");
  const add = "[{ verb: ADD, expect: { exit: zero } }]";
  const chapter = (more: string): void =>
    writeFileSync(file, `plugin: loopback\nclause: mine\n${more}\ncases:\n  - { id: a, title: t, steps: ${add} }\n`);
  chapter('setup: "exit 3"');
  const broken = await conformance("--bin-dir", set, "--cases", file);
  expect([broken.exit, broken.out]).toEqual([2, expect.stringMatching(/^! loopback\/a@.*: broken: the setup failed/)]);
  expect(broken.out).toContain("! nothing was judged, 1 broken in ");
  chapter("needs: [warp-drive]");
  const skipped = await conformance("--bin-dir", set, "--cases", file);
  expect([skipped.exit, skipped.out]).toEqual([2, expect.stringContaining("! nothing was judged, 1 skipped in ")]);
});

test("nothing is left of a run, nor of one that is killed", async () => {
  const state = () => Promise.all([read("ip", "netns"), read("ip", "-br", "link"), read("ls", "/run")]);
  const before = await state();
  const child = Bun.spawn([podwire, "conformance", "--bin-dir", set], { stdout: "ignore", stderr: "ignore" });
  // One that runs meanwhile sees nothing of it, and comes to its end long before the other, which has all cases to play.
  await conformance("--bin-dir", set, "--filter", "loopback/brings*");
  child.kill("SIGKILL");
  await child.exited;
  expect(await state()).toEqual(before);
});

test("an ordinary user runs it, too, where user namespaces allow", async () => {
  const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
  const given = await run([...nobody, "unshare", "--user", "--map-root-user", "--net", podwire, "version"]);
  if (given.exit !== 0) return;
  const { exit, out } = await run([
    ...nobody,
    podwire,
    "conformance",
    "--bin-dir",
    set,
    "--filter",
    "loopback/brings*",
  ]);
  expect([exit, out]).toEqual([0, expect.stringContaining("in 7 cases")]);
});

const own = join(root, "dist/cni");
/** Cases that did not pass. */
const odd = async (filter: string): Promise<Record<string, string>> => {
  const { out } = await conformance("--bin-dir", own, "--filter", filter, "-o", "json");
  const report = JSON.parse(out) as Report;
  expect(report.summary.passed).toBeGreaterThan(50);
  return Object.fromEntries(report.cases.filter((c) => c.outcome !== "passed").map((c) => [c.id, c.outcome]));
};

test("of our own loopback, nothing is found in any version", async () => {
  expect(await odd("loopback/*")).toEqual({});
}, 120_000);

test("of our own host-local, nothing is found", async () => {
  expect(await odd("host-local/*@1.1.0")).toEqual({});
}, 120_000);
