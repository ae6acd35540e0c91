/** Every fault is found by its checks and by no other, on its node alone, and heals without a trace. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { CheckReport, Report } from "../../node/report/report.ts";
import { read, type TestLabs, testLabs } from "../testing/labs.ts";
import { faults } from "./registry.ts";

let labs: TestLabs;
let name: string;
beforeAll(async () => {
  labs = testLabs();
  name = labs.name("f");
  expect((await labs.lab("up", "--name", name, "--family", "dual", "--pods", "1", "-q")).exit).toBe(0);
});
afterAll(async () => {
  await labs[Symbol.asyncDispose]();
});

const check = async (): Promise<Report> => {
  const done = await labs.lab("check", "--name", name, "-o", "json");
  if (done.err) throw new Error(done.err);
  return JSON.parse(done.out) as Report;
};

const bad = ({ outcome }: CheckReport): boolean => outcome !== "ok" && outcome !== "skipped";

/** `node2 R1`, `between B1`: whatever is not well. */
const found = ({ nodes, between = [] }: Report): string[] => [
  ...nodes.flatMap((n) => n.checks.filter(bad).map((c) => `${n.node} ${c.id}`)),
  ...between.filter(bad).map((c) => `between ${c.id}`),
];

/** What `ip` sees of the nodes and the underlay, without what changes by itself: neighbours, lifetimes, state of carrier. */
const kernelState = async (): Promise<string> => {
  const looks = ["underlay", "node1", "node2", "node3"].flatMap((where) =>
    ["-d link", "addr", "-4 route show table all", "-6 route show table all", "-4 rule", "-6 rule"].map((what) =>
      read("ip", "-j", "-n", `${name}-${where}`, ...what.split(" ")),
    ),
  );
  const sysctls = ["all.rp_filter", "all.forwarding", "eth0.rp_filter", "eth0.forwarding"].map((key) =>
    read("ip", "netns", "exec", `${name}-node2`, "cat", `/proc/sys/net/ipv4/conf/${key.replace(".", "/")}`),
  );
  const changing =
    /"(valid_life_time|preferred_life_time|gc_timer|hello_timer|tcn_timer|topology_change_timer|cstamp|used|age)":[^,}\]]+,?/g;
  return (await Promise.all([...looks, ...sysctls])).join("\n").replaceAll(changing, "");
};

const files = (): Promise<string> =>
  read(
    "sh",
    "-c",
    `cd ${labs.home}/${name}/node2 && find . | sort && find . -type f -exec cat {} + && find . -type l -printf '%p %l\n'`,
  );

test("nothing is found in a healthy lab", async () => {
  expect(found(await check())).toEqual([]);
});

for (const fault of faults) {
  const lacks = fault.needs?.ask();
  const title = `${fault.name} is found by ${fault.foundBy.join(" and ")} alone, and heals without a trace`;
  test.skipIf(lacks?.is === "no")(lacks?.is === "no" ? `${title}: needs ${lacks.needs}` : title, async () => {
    const [before, filesBefore] = [await kernelState(), await files()];
    const broke = await labs.lab("break", fault.name, "--name", name, "--node", "node2");
    expect([broke.exit, broke.err.split("\n")[0]]).toEqual([0, `node2 is broken (${fault.name}): ${fault.title}`]);
    try {
      const report = await check();
      const wanted = fault.foundBy.map((id) => `${id.startsWith("B") ? "between" : "node2"} ${id}`);
      expect(found(report).sort()).toEqual(wanted.sort());
      for (const { findings } of [...report.nodes.flatMap((n) => n.checks), ...(report.between ?? [])].filter(bad))
        for (const finding of findings.filter((f) => f.outcome !== "ok")) {
          expect(finding.seen).not.toBe("");
          expect(finding.want).not.toBeUndefined();
        }
      const again = await labs.lab("break", fault.name, "--name", name, "--node", "node2");
      expect([again.exit, again.err.split("\n")[0]]).toEqual([
        2,
        `error: fault ${fault.name} on node2: it is broken like this already`,
      ]);
      const status = await labs.lab("status", "--name", name);
      expect([status.exit, status.err.includes(`node2 was broken with ${fault.name}\n`)]).toEqual([1, true]);
    } finally {
      const healed = await labs.lab("heal", fault.name, "--name", name);
      expect([healed.exit, healed.err]).toEqual([0, `node2 is healed (${fault.name})\n`]);
    }
    expect(found(await check())).toEqual([]);
    expect(await files()).toBe(filesBefore);
    expect(await kernelState()).toBe(before);
  });
}

test("all faults at once heal, the last first", async () => {
  const [before, filesBefore] = [await kernelState(), await files()];
  const possible = faults.filter((f) => f.needs?.ask().is !== "no");
  const broken = [];
  for (const { name: fault } of possible)
    if ((await labs.lab("break", fault, "--name", name, "--node", "node2", "-q")).exit === 0) broken.push(fault);
  const healed = await labs.lab("heal", "--all", "--name", name);
  expect([healed.exit, healed.err.trimEnd().split("\n").length]).toEqual([0, broken.length]);
  expect(await files()).toBe(filesBefore);
  expect(await kernelState()).toBe(before);
});
