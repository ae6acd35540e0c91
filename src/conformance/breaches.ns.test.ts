import { expect, test } from "bun:test";
import { builtInChapters } from "./cases/registry.ts";
import { breaches, goodLoopback } from "./testing/loopback.ts";
import { notPassed, play } from "./testing/play.ts";

const chapters = builtInChapters().filter((c) => c.group === "any" || c.plugin === "loopback");

test("a plugin that keeps every clause passes every case", async () => {
  await play({ loopback: goodLoopback }, chapters, (report) => {
    expect(notPassed(report)).toEqual([]);
    expect(report.summary).toMatchObject({ ok: true, failed: 0, differs: 0, skipped: 0 });
    expect(report.summary.passed).toBeGreaterThan(80);
  });
}, 120_000);

for (const { name, from, to, found } of breaches)
  test(`found: ${name}`, async () => {
    expect(goodLoopback).toContain(from);
    const filters = found.map((line) => line.replace(/:.*/, ""));
    await play(
      { loopback: goodLoopback.replace(from, () => to) },
      chapters,
      (report) => {
        expect(notPassed(report).sort()).toEqual([...found].sort());
        expect(report.summary.ok).toBe(found.every((line) => line.endsWith("differs")));
      },
      filters,
    );
  });

test("what is no plugin is told, and is not run", async () => {
  const scripts = { loopback: "#!/bin/sh\necho hello\n", poweroff: "#!/bin/sh\ntouch /run/it-was-run\n" };
  await play(scripts, chapters, (report) => {
    expect(report.notes.join()).toContain("not run, since no case is about them: poweroff");
    expect(report.cases.find((c) => c.id.startsWith("loopback/version-lists-versions"))).toMatchObject({
      outcome: "failed",
      findings: [{ expected: "JSON", seen: '"hello"' }],
    });
    const skipped = report.cases.filter((c) => c.outcome === "skipped").map((c) => c.reason);
    expect(skipped[0]).toContain("answer to VERSION: got hello, want");
  });
  expect(await Bun.file("/run/it-was-run").exists()).toBe(false);
});
