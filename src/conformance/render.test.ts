import { expect, test } from "bun:test";
import { renderJunit } from "./render-junit.ts";
import { renderTable } from "./render-table.ts";
import type { CaseReport, Outcome, Report } from "./types.ts";

const caseOf = (id: string, outcome: Outcome, more: Partial<CaseReport> = {}): CaseReport => {
  const [plugin = "", rest = ""] = id.split("/");
  const version = rest.endsWith("@0.4.0") ? "0.4.0" : "1.0.0";
  const head = {
    id,
    plugin,
    version,
    title: `title of ${rest.replace(/@.*/, "")}`,
    clause: "spec 1.0.0, section 2",
  } as const;
  return { ...head, level: "must", outcome, findings: [], reproduce: [], millis: 20, ...more };
};
const broken = {
  findings: [
    { level: "must", at: "step 1, ADD: exit status", expected: "0", seen: "exit status 1: no <room>" },
    { level: "should", at: "step 1, ADD: stderr", expected: "nothing", seen: "words" },
  ],
  reproduce: ["ip netns add cf-host", "CNI_COMMAND=ADD x <<'JSON'\n{}\nJSON"],
} as const;
const odd = { findings: [{ ...broken.findings[1], at: "step 2, CHECK: stdout" }] };

const cases = [
  caseOf("bridge/a@1.0.0", "passed"),
  caseOf("bridge/b@0.4.0", "failed", broken),
  caseOf("bridge/b@1.0.0", "failed", broken),
  caseOf("ptp/b@1.0.0", "failed", broken),
  caseOf("ptp/c@1.0.0", "differs", odd),
  caseOf("ptp/d@1.0.0", "skipped", { reason: "needs vrf links (modprobe vrf)" }),
  caseOf("ptp/e@1.0.0", "skipped", { reason: "needs vrf links (modprobe vrf)" }),
  caseOf("tap/f@1.0.0", "skipped", { reason: "the plugin is not in the folder" }),
];
const count = (name: string, outcome: Outcome): number =>
  cases.filter((c) => (name === "" || c.plugin === name) && c.outcome === outcome).length;
const counts = (name: string) => ({
  passed: count(name, "passed"),
  failed: count(name, "failed"),
  differs: count(name, "differs"),
  skipped: count(name, "skipped"),
});
const report: Report = {
  apiVersion: "podwire.dev/v1alpha1",
  kind: "ConformanceReport",
  binDir: "/x",
  plugins: ["bridge", "ptp", "tap"].map((name) => ({ name, versions: ["0.4.0", "1.0.0"], ...counts(name) })),
  cases,
  notes: ["not run: flannel"],
  summary: { ...counts(""), ok: false, millis: 1234 },
};

test("a violation is told once, with its clause, what was expected and seen, and how to see it by hand", () => {
  const text = renderTable(report, { color: false, all: false });
  expect(text).toStartWith(`✗ bridge/b@0.4.0: title of b
  clause: spec 1.0.0, section 2
  step 1, ADD: exit status
    expected: 0
    seen:     exit status 1: no <room>
  the same: CNI 1.0.0, ptp (1.0.0)
  reproduce:
    ip netns add cf-host
    CNI_COMMAND=ADD x <<'JSON'
    {}
    JSON

≠ ptp/c@1.0.0: title of c
`);
  expect(text).not.toContain("stderr");
});

test("what was skipped is counted by reason, what is not there is named, and plugins stand in a table", () => {
  expect(renderTable(report, { color: false, all: false })).toEndWith(`
- 2 skipped: needs vrf links (modprobe vrf)

note: not in the folder: tap
note: not run: flannel

   PLUGIN  PASSED  FAILED  DIFFERS  SKIPPED  CNI VERSIONS
✗  bridge       1       2        0        0  0.4.0 to 1.0.0
✗  ptp          0       1        1        2  0.4.0 to 1.0.0

✗ 3 of 5 cases violate a clause, 1 case differs, 3 skipped in 1234 ms
`);
  expect(renderTable(report, { color: false, all: true })).toContain("- ptp/d@1.0.0: skipped: needs vrf links");
});

test("colour adds nothing but colour", () => {
  const plain = renderTable(report, { color: false, all: true });
  const painted = renderTable(report, { color: true, all: true });
  expect(painted).toContain("\u001b[31m✗\u001b[0m");
  expect(Bun.stripANSI(painted)).toBe(plain);
});

test("in JUnit a violation is a failure, a difference passes with words, and markup is escaped", () => {
  const xml = renderJunit(report);
  expect(xml).toContain('<testsuite name="ptp" tests="4" failures="1" skipped="2" time="0.080">');
  expect(xml).toContain('<testcase classname="podwire.conformance.bridge" name="a@1.0.0: title of a" time="0.020"/>');
  expect(xml).toContain('<failure message="step 1, ADD: exit status: expected 0, seen exit status 1: no &lt;room&gt;"');
  expect(xml).toContain("CNI_COMMAND=ADD x &lt;&lt;&apos;JSON&apos;");
  expect(xml).toContain("<system-out>spec 1.0.0, section 2\nstep 2, CHECK: stdout: expected nothing, seen words");
  expect(xml).toContain('<skipped message="needs vrf links (modprobe vrf)"/>');
  expect(xml.match(/<testcase /g)).toHaveLength(cases.length);
});
