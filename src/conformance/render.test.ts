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
  caseOf("ptp/g@1.0.0", "broken", { reason: "the setup failed: no <room>" }),
  caseOf("tap/f@1.0.0", "skipped", { reason: "the plugin is not in the folder" }),
];
const count = (name: string, outcome: Outcome): number =>
  cases.filter((c) => (name === "" || c.plugin === name) && c.outcome === outcome).length;
const counts = (name: string) => ({
  passed: count(name, "passed"),
  failed: count(name, "failed"),
  differs: count(name, "differs"),
  skipped: count(name, "skipped"),
  broken: count(name, "broken"),
});
const report: Report = {
  apiVersion: "podwire.dev/v1alpha1",
  kind: "ConformanceReport",
  binDir: "/x",
  plugins: ["bridge", "ptp", "tap"].map((name) => ({ name, versions: ["0.4.0", "1.0.0"], ...counts(name) })),
  cases,
  notes: ["not run: flannel"],
  summary: { ...counts(""), ok: false, millis: 167_263 },
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
! ptp/g@1.0.0: broken: the setup failed: no <room>
- 2 skipped: needs vrf links (modprobe vrf)

note: not in the folder: tap
note: not run: flannel

   PLUGIN  PASSED  FAILED  DIFFERS  SKIPPED  BROKEN  CNI VERSIONS
✗  bridge       1       2        0        0       0  0.4.0 to 1.0.0
✗  ptp          0       1        1        2       1  0.4.0 to 1.0.0

✗ 3 of 5 cases violate a clause, 1 case differs, 3 skipped, 1 broken in 2 min 47 s
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
  expect(xml).toContain('<testsuite name="ptp" tests="5" failures="1" errors="1" skipped="2" time="0.100">');
  expect(xml).toContain('<testcase classname="podwire.conformance.bridge" name="a@1.0.0: title of a" time="0.020"/>');
  expect(xml).toContain('<failure message="step 1, ADD: exit status: expected 0, seen exit status 1: no &lt;room&gt;"');
  expect(xml).toContain("CNI_COMMAND=ADD x &lt;&lt;&apos;JSON&apos;");
  expect(xml).toContain("<system-out>spec 1.0.0, section 2\nstep 2, CHECK: stdout: expected nothing, seen words");
  expect(xml).toContain('<skipped message="needs vrf links (modprobe vrf)"/>');
  expect(xml).toContain('<error message="the setup failed: no &lt;room&gt;"/>');
  expect(xml.match(/<testcase /g)).toHaveLength(cases.length);
});

test("the last line says whether no violation means that there is none", () => {
  const zero = { passed: 0, failed: 0, differs: 0, skipped: 0, broken: 0, ok: false, millis: 500 };
  const last = (summary: Partial<Report["summary"]>): string | undefined =>
    renderTable({ ...report, summary: { ...zero, ...summary } }, { color: false, all: false })
      .trim()
      .split("\n")
      .at(-1);
  expect(last({ passed: 3, ok: true })).toBe("✓ no clause is violated in 3 cases in 0.5 s");
  expect(last({ passed: 3, broken: 1 })).toBe("! no clause is violated in 3 cases, 1 broken in 0.5 s");
  expect(last({ skipped: 2 })).toBe("! nothing was judged, 2 skipped in 0.5 s");
});
