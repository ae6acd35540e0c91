/** The reference plugins as Debian 12 has them (1.1.1), and our own, before the same judge. */
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "./types.ts";

const root = join(import.meta.dir, "../..");
const own = join(root, "dist/cni");

const judge = async (binDir: string, filters: readonly string[]): Promise<Report> => {
  const argv = ["conformance", "--bin-dir", binDir, "-o", "json", ...filters.flatMap((f) => ["--filter", f])];
  const child = Bun.spawn([join(root, "dist/podwire"), ...argv], { stdout: "pipe", stderr: "inherit" });
  return JSON.parse(await new Response(child.stdout).text()) as Report;
};

/** Violations, each of which a later release or an issue of the project knows. */
const failed = [
  "bridge/error-object-0-4-0@0.4.0",
  "bridge/layer-2-check@1.0.0",
  "bridge/version-echoes-the-asked-version@1.0.0",
  "host-device/del-twice@1.0.0",
  "loopback/result-0-2-0@0.2.0",
  "loopback/result-0-4-0@0.4.0",
  "macvlan/del-without-master@1.0.0",
  "portmap/check-right-after-add@1.0.0",
  "sbr/del-after-the-link-is-gone@1.0.0",
];
/** What the specification allows, and a person may wish otherwise. */
const differs = [
  "bandwidth/check-notices-lost-qdiscs@1.0.0",
  "bandwidth/del-leaves-nothing@1.0.0",
  "bridge/check-notices-lost-masquerading@1.0.0",
  "bridge/delegate-fails@1.0.0",
  "bridge/masquerade-goes-without-the-link@1.0.0",
  "bridge/masquerade-goes-without-the-netns@1.0.0",
  "firewall/del-without-prev-result@1.0.0",
  "host-device/del-without-netns@1.0.0",
  "host-local/empty-reservation@1.0.0",
  "loopback/keeps-the-hosts-lo@1.0.0",
  "portmap/del-without-mappings@1.0.0",
  "sbr/check-notices-a-lost-rule@1.0.0",
  "sbr/no-stray-file@1.0.0",
  "tuning/args-without-a-base@1.0.0",
];
const passed = [
  "bridge/add-makes-the-interface@1.0.0",
  "bridge/masquerade@1.0.0",
  "bridge/ten-at-once@1.0.0",
  "firewall/opens-a-closed-host@1.0.0",
  "host-local/killed-at-any-moment@1.0.0",
  "host-local/twenty-at-once@1.0.0",
  "macvlan/pods-reach-each-other@1.0.0",
  "portmap/from-outside@1.0.0",
  "portmap/udp@1.0.0",
  "ptp/pods-reach-each-other@1.0.0",
  "static/addresses@1.0.0",
  "tuning/link-attributes@1.0.0",
];

test("known defects of the reference plugins are found, and what they do well passes", async () => {
  const report = await judge("/usr/lib/cni", [...failed, ...differs, ...passed]);
  const of = (outcome: string): string[] =>
    report.cases
      .filter((c) => c.outcome === outcome)
      .map((c) => c.id)
      .sort();
  expect({ failed: of("failed"), differs: of("differs"), passed: of("passed"), skipped: of("skipped") }).toEqual({
    failed,
    differs,
    passed,
    skipped: [],
  });
  expect(report.summary.ok).toBe(false);
});

for (const name of readdirSync(own).filter((name) => !["loopback", "host-local"].includes(name)))
  test(`our own ${name} violates nothing`, async () => {
    const report = await judge(own, [`${name}/*@1.1.0`]);
    expect(report.cases.filter((c) => c.outcome === "failed")).toEqual([]);
    expect(report.summary.passed).toBeGreaterThan(15);
    // Only the kernel at hand may keep a case from being run, or another plugin that is not there yet.
    const reasons = report.cases.filter((c) => c.outcome === "skipped").map((c) => c.reason ?? "");
    expect(reasons.filter((reason) => !reason.startsWith("needs "))).toEqual([]);
  });
