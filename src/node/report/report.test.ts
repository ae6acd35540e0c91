/** The forms of a report: one for people, two for machines that others have written. */
import { describe, expect, test } from "bun:test";
import { displayWidth } from "../../base/display-width.ts";
import type { Finding } from "../check.ts";
import { renderJunit } from "./render-junit.ts";
import { renderSarif } from "./render-sarif.ts";
import { renderTable } from "./render-table.ts";
import { type CheckReport, exitOf, reportOf } from "./report.ts";

const fix = { command: "sysctl -w a=1", undo: "sysctl -w a=0", survivesReboot: false } as const;
const check = (id: string, outcome: CheckReport["outcome"], findings: readonly Finding[], more = {}): CheckReport => ({
  id,
  name: `name-${id.toLowerCase()}`,
  area: id.startsWith("K") ? "kernel" : "links",
  severity: "fail",
  title: `what holds for ${id} <when> it is "well" & quiet`,
  why: "pods of two nodes do not reach each other, and nobody says why",
  outcome,
  findings,
  ...more,
});
const report = reportOf([
  {
    node: "node1",
    roles: ["worker"],
    checks: [
      check("L1", "ok", [{ outcome: "ok", seen: "eth0 up" }]),
      check("L2", "warn", [{ outcome: "warn", subject: "eth0", seen: "a = 0", want: "1", fix }]),
      check("L3", "fail", [
        { outcome: "fail", subject: "eth0", seen: "x".repeat(20), want: "less", fix },
        {
          outcome: "fail",
          subject: "eth1",
          seen: "more words than one line of eighty columns can hold with its label before it",
          want: "less",
          fix,
        },
        { outcome: "ok", seen: "fine" },
      ]),
      check("K1", "unknown", [{ outcome: "unknown", seen: "not allowed", want: "root" }]),
      check("K2", "ok", [{ outcome: "ok", seen: "6.1" }]),
      check("K3", "skipped", []),
      check("K4", "warn", [{ outcome: "warn", seen: "on" }], { suppressed: "zram is meant" }),
      check("K5", "warn", [{ outcome: "warn", seen: "old" }], { expired: { reason: "later", until: "2026-01-01" } }),
    ],
  },
]);

describe("for people", () => {
  const table = (wide: boolean, columns = 80): string => renderTable(report, { color: false, wide, columns });

  test("of several nodes, one with which nothing is wrong is a line, and of the others what is wrong", () => {
    const one = (node: string, ...checks: CheckReport[]) => ({ node, roles: ["worker"] as const, checks });
    const warn = check("L2", "warn", [{ outcome: "warn", subject: "eth0", seen: "a = 0", want: "1" }]);
    const ok = check("L1", "ok", [{ outcome: "ok", seen: "eth0 up" }]);
    const two = reportOf([one("node1", ok), one("node2", ok, warn), one("node3", ok, check("K1", "skipped", []))]);
    expect(renderTable(two, { color: false, wide: false, columns: 80 })).toBe(`node2 · worker

! warn    L2  what holds for L2 <when> it is "well" & quiet
          why:   pods of two nodes do not reach each other, and nobody says why
          seen:  eth0: a = 0
          want:  1

✓ ok      1 other check

✓ ok      node1 · worker
✓ ok      node3 · worker

✓ nothing failed, 3 ok, 1 warning, 1 not for this node
`);
  });

  test("the worst first and in full, the well in a line for each area, the end in figures", () => {
    expect(table(false)).toBe(`node1 · worker

✗ FAIL    L3  what holds for L3 <when> it is "well" & quiet
          why:   pods of two nodes do not reach each other, and nobody says why
          seen:  eth0: xxxxxxxxxxxxxxxxxxxx
          want:  less
          seen:  eth1: more words than one line of eighty columns can hold with
                 its label before it
          want:  less
          mend:  sysctl -w a=1
                 (lasts until the next reboot)
          undo:  sysctl -w a=0

! warn    L2  what holds for L2 <when> it is "well" & quiet
          why:   pods of two nodes do not reach each other, and nobody says why
          seen:  eth0: a = 0
          want:  1
          mend:  sysctl -w a=1
                 (lasts until the next reboot)
          undo:  sysctl -w a=0

! warn    K5  what holds for K5 <when> it is "well" & quiet
          why:   pods of two nodes do not reach each other, and nobody says why
          note:  suppressed until 2026-01-01, which is over: later
          seen:  old

? unknown K1  what holds for K1 <when> it is "well" & quiet
          why:   pods of two nodes do not reach each other, and nobody says why
          seen:  not allowed
          needs: root

· skipped K4  what holds for K4 <when> it is "well" & quiet (warn, suppressed:
              zram is meant)
✓ ok      links    name-l1
✓ ok      kernel   name-k2

✗ 1 check failed, 2 ok, 2 warnings, 1 could not be told, 1 suppressed, 1 not for this node
`);
  });

  test("wide has every check with what was measured", () => {
    expect(table(true)).toContain(
      `✓ ok      L1  what holds for L1 <when> it is "well" & quiet\n          seen:  eth0 up\n`,
    );
    expect(table(true)).toContain("· skipped K3  ");
  });

  test("words keep within the terminal's columns, also within few", () => {
    const words = (text: string): string[] =>
      text.split("\n").filter((line) => !/^ +(mend|undo):|figures|, \d/.test(line));
    for (const columns of [60, 80, 120])
      expect(words(table(true, columns)).filter((line) => displayWidth(line) > columns)).toEqual([]);
  });

  test("colour is around the sign and its word, which are there without it", () => {
    const colored = renderTable(report, { color: true, wide: false, columns: 80 });
    expect(colored).toContain("\u001b[31m✗ FAIL   \u001b[0m L3");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(table(false));
  });
});

test("warnings and what is suppressed are no failure", () => {
  expect(exitOf(report)).toBe(1);
  expect(exitOf({ ...report, summary: { ...report.summary, fail: 0 } })).toBe(0);
});

test("JUnit: a suite for the node, a case for each check, texts escaped, counts that fit", () => {
  const xml = renderJunit(report);
  expect(xml).toContain('<testsuite name="node1" tests="8" failures="1" skipped="3">');
  expect([...xml.matchAll(/<testcase /g)].length).toBe(8);
  expect(xml).toContain('name="L1 what holds for L1 &lt;when&gt; it is &quot;well&quot; &amp; quiet"');
  // Well-formed: elements that are opened are closed, in their order.
  const open: string[] = [];
  for (const [, end, name, closed] of xml.matchAll(/<(\/?)([a-z-]+)(?:\s[^<>]*?(?:"[^"]*"[^<>]*?)*)?(\/?)>/g)) {
    if (end) expect(open.pop()).toBe(name!);
    else if (!closed) open.push(name!);
  }
  expect(open).toEqual([]);
});

describe("SARIF", () => {
  interface Sarif {
    readonly version: string;
    readonly runs: readonly {
      readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly Record<string, unknown>[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly kind: string;
        readonly message: { readonly text: string };
        readonly locations: readonly unknown[];
        readonly suppressions?: readonly { readonly kind: string; readonly justification: string }[];
      }[];
    }[];
  }
  const sarif = JSON.parse(renderSarif(report, "1.2.3")) as Sarif;
  const [run] = sarif.runs;

  // The schema itself is not in any package that we have: these are its rules for what we write (OASIS, 2.1.0).
  test("has what the schema demands, and levels and kinds out of its lists", () => {
    expect(sarif.version).toBe("2.1.0");
    expect(sarif.runs.length).toBe(1);
    expect(run?.tool.driver.name).toBe("podwire");
    for (const rule of run!.tool.driver.rules) {
      expect(Object.keys(rule).sort()).toEqual([
        "defaultConfiguration",
        "fullDescription",
        "id",
        "name",
        "shortDescription",
      ]);
      expect(["none", "note", "warning", "error"]).toContain((rule.defaultConfiguration as { level: string }).level);
    }
    for (const result of run!.results) {
      expect(run!.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(["notApplicable", "pass", "fail", "review", "open", "informational"]).toContain(result.kind);
      // 3.27.10: a kind other than fail has the level none.
      if (result.kind === "fail") expect(["note", "warning", "error"]).toContain(result.level);
      else expect(result.level).toBe("none");
      expect(result.message.text).not.toBe("");
    }
  });

  test("has a result for each finding that is not ok, and says what is suppressed and why", () => {
    expect(run!.results.map((r) => `${r.ruleId} ${r.level}`)).toEqual([
      "L2 warning",
      "L3 error",
      "L3 error",
      "K1 none",
      "K4 warning",
      "K5 warning",
    ]);
    expect(run!.results[4]?.suppressions).toEqual([{ kind: "external", justification: "zram is meant" }]);
  });
});
