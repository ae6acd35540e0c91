/** Every fault is found by its checks and by no other, on its node alone, and heals without a trace. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { CheckReport, Report } from "../../node/report/report.ts";
import type { LabFault } from "../break/fault.ts";
import { read, type TestLabs, testLabs } from "../testing/labs.ts";
import { faults } from "./registry.ts";

let labs: TestLabs;
let name: string;
const up = (): string[] => ["up", "--name", name, "--family", "dual", "--nodes", "2", "--pods", "1", "-q"];
beforeAll(async () => {
  labs = testLabs();
  name = labs.name("f");
  expect((await labs.lab(...up())).exit).toBe(0);
});
afterAll(async () => {
  await labs[Symbol.asyncDispose]();
});

const check = async ({ peers }: Pick<LabFault, "peers"> = {}): Promise<Report> => {
  const between = peers ? ["--peers", "--network", peers.join(",") || "none"] : [];
  const done = await labs.lab("check", "--name", name, "-o", "json", ...between);
  if (done.err) throw new Error(done.err);
  return JSON.parse(done.out) as Report;
};

const bad = ({ outcome }: CheckReport): boolean => outcome !== "ok" && outcome !== "skipped";

/** `node2 R1`, `between B1`: whatever is not well. */
const found = ({ nodes, between = [] }: Report): string[] => [
  ...nodes.flatMap((n) => n.checks.filter(bad).map((c) => `${n.node} ${c.id}`)),
  ...between.filter(bad).map((c) => `between ${c.id}`),
];

/** What changes by itself: timers, lifetimes, detection of duplicates that is still under way. */
const byItself = /timer|life_time|_age$|^ageing|^age$|used|tentative|^operstate$|topology_change/;

/** Each object on a line, sorted. */
const lines = (json: string): string[] =>
  (JSON.parse(json) as unknown[])
    .map((one) => JSON.stringify(one, (key, value) => (byItself.test(key) ? undefined : value)))
    // Link-local addresses come a second after their link.
    .filter((line) => !line.includes('"dst":"fe80::'))
    .sort();

/** What `ip` sees of the nodes and the underlay, neighbours left out, and sysctls of node2. */
const kernelState = async (): Promise<string[]> => {
  const looks = ["underlay", "node1", "node2"].flatMap((where) =>
    ["-d link", "addr", "-4 route show table all", "-6 route show table all", "-4 rule", "-6 rule"].map(async (what) =>
      lines(await read("ip", "-j", "-n", `${name}-${where}`, ...what.split(" "))).map((line) => `${where}: ${line}`),
    ),
  );
  const sysctls = await read(
    "ip",
    "netns",
    "exec",
    `${name}-node2`,
    "sh",
    "-c",
    "grep -rs . /proc/sys/net/ipv4/conf | sort",
  );
  return [...(await Promise.all(looks)).flat(), ...sysctls.split("\n")];
};

const files = (): Promise<string> =>
  read(
    "sh",
    "-c",
    `cd ${labs.home}/${name}/node2 && find . | sort && find . -type f -exec cat {} + && find . -type l -printf '%p %l\n'`,
  );

/** What one test leaves broken is not the next one's. */
let clean = true;
const whole = async (): Promise<void> => {
  if (!clean) await labs.lab("down", "--name", name);
  if (!clean) await labs.lab(...up());
  clean = false;
};

test("nothing is found in a healthy lab", async () => {
  expect(found(await check())).toEqual([]);
});

for (const fault of faults) {
  const lacks = fault.needs?.ask();
  const title = `${fault.name} is found by ${fault.foundBy.join(" and ")} alone, and heals without a trace`;
  test.skipIf(lacks?.is === "no")(lacks?.is === "no" ? `${title}: needs ${lacks.needs}` : title, async () => {
    await whole();
    const [before, filesBefore] = [await kernelState(), await files()];
    const broke = await labs.lab("break", fault.name, "--name", name, "--node", "node2");
    expect([broke.exit, broke.err.split("\n")[0]]).toEqual([0, `node2 is broken (${fault.name}): ${fault.title}`]);
    try {
      // What is wrong on the way is on no node.
      if (fault.peers) expect(found(await check())).toEqual([]);
      const report = await check(fault);
      const between = (id: string): boolean => fault.peers !== undefined || id.startsWith("B");
      const wanted = fault.foundBy.map((id) => `${between(id) ? "between" : "node2"} ${id}`);
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
    expect(found(await check(fault))).toEqual([]);
    expect(await files()).toBe(filesBefore);
    expect(await kernelState()).toEqual(before);
    clean = true;
  });
}

/** What the reports of node2 and between nodes say to do for these checks, where it is a line for the node's network. */
const fixes = (report: Report, ids: readonly string[]) =>
  [...report.nodes.filter((n) => n.node === "node2").flatMap((n) => n.checks), ...(report.between ?? [])]
    .filter((c) => ids.includes(c.id))
    .flatMap((c) => c.findings.filter((f) => f.outcome !== "ok").flatMap(({ fix }) => (fix ? [fix] : [])))
    .filter(({ command, undo = "" }) => /^(ip|sysctl) /.test(command) && !/[A-Z]{4}/.test(command + undo));

const inNode2 = async (line: string): Promise<void> => {
  await read("ip", "netns", "exec", `${name}-node2`, "sh", "-ec", line);
};

for (const fault of [
  "twin-mac",
  "link-down",
  "default-route",
  "mtu",
  "vxlan-taken",
  "bridge-address",
  "forwarding",
  "rp-filter",
  "vpn-rule",
  "main-rule",
  "bridge-netfilter",
]) {
  const { foundBy, needs } = faults.find((f) => f.name === fault)!;
  const lacks = needs?.ask();
  const title = `the line that mends ${fault} does, and its undo breaks it again`;
  test.skipIf(lacks?.is === "no")(lacks?.is === "no" ? `${title}: needs ${lacks.needs}` : title, async () => {
    await whole();
    await labs.lab("break", fault, "--name", name, "--node", "node2", "-q");
    const [id] = foundBy;
    const mending = fixes(await check(), [id!]);
    expect(mending).not.toEqual([]);
    for (const { command } of mending) await inNode2(command);
    expect(found(await check())).not.toContain(`node2 ${id}`);
    const undo = mending.flatMap((f) => (f.undo === undefined ? [] : [f.undo]));
    for (const line of undo) await inNode2(line);
    if (undo.length > 0) expect(found(await check())).toContain(`node2 ${id}`);
  });
}

test("all faults at once heal, the last first", async () => {
  await whole();
  const [before, filesBefore] = [await kernelState(), await files()];
  const possible = faults.filter((f) => f.needs?.ask().is !== "no");
  const broken = [];
  for (const { name: fault } of possible)
    if ((await labs.lab("break", fault, "--name", name, "--node", "node2", "-q")).exit === 0) broken.push(fault);
  const healed = await labs.lab("heal", "--all", "--name", name);
  expect([healed.exit, healed.err.trimEnd().split("\n").length]).toEqual([0, broken.length]);
  expect(await files()).toBe(filesBefore);
  expect(await kernelState()).toEqual(before);
});
