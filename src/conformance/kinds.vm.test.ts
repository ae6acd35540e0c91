/** Cases for links that the kernel at hand may lack, with the reference plugins as Debian 12 has them (1.1.1). */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "./types.ts";

const root = join(import.meta.dir, "../..");

const judge = async (binDir: string, filters: readonly string[]): Promise<Report> => {
  const argv = ["conformance", "--bin-dir", binDir, "-o", "json", ...filters.flatMap((f) => ["--filter", f])];
  const child = Bun.spawn([join(root, "dist/podwire"), ...argv], { stdout: "pipe", stderr: "ignore" });
  return JSON.parse(await new Response(child.stdout).text()) as Report;
};

/** The processor is emulated: a few for each plugin. */
const cases = {
  ipvlan: ["makes-an-ipvlan", "del-without-master"],
  vlan: ["makes-a-vlan", "del-without-master"],
  vrf: ["makes-a-vrf", "check-notices-a-lost-master"],
  dummy: ["makes-a-dummy"],
  bridge: ["vlan"],
} as const;
type Name = keyof typeof cases;

/** Cases that did not pass, and how they ended. */
const odd = async (binDir: string, version: string): Promise<Record<string, string>> => {
  const there = (Object.keys(cases) as Name[]).filter((name) => existsSync(join(binDir, name)));
  const report = await judge(
    binDir,
    there.flatMap((name) => cases[name].map((id) => `${name}/${id}@${version}`)),
  );
  const ended = (c: Report["cases"][number]): string =>
    [c.outcome, c.reason, c.findings[0]?.at].filter(Boolean).join(": ");
  return Object.fromEntries(report.cases.filter((c) => c.outcome !== "passed").map((c) => [c.id, ended(c)]));
};

test("the reference's ipvlan, vlan and vrf do what their cases say, and what they do not do is found", async () => {
  expect(await odd("/usr/lib/cni", "1.0.0")).toEqual({
    "vlan/del-without-master@1.0.0": "failed: step 3, DEL: exit status",
    "vrf/check-notices-a-lost-master@1.0.0": "differs: step 3, CHECK: exit status",
  });
});

test("so do our own, as far as they are there", async () => {
  expect(await odd(join(root, "dist/cni"), "1.1.0")).toEqual({});
});
