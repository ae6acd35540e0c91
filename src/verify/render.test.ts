import { expect, test } from "bun:test";
import { parseIp } from "../base/ip.ts";
import { hintFor } from "./hint.ts";
import { renderJunit } from "./render-junit.ts";
import { renderMatrix } from "./render-matrix.ts";
import { renderTable } from "./render-table.ts";
import { newTally } from "./tally.ts";
import type { Endpoint, Finding, Report } from "./types.ts";

const pod = (name: string, node: string, ip: string): Endpoint => ({
  name,
  kind: "pod",
  node,
  netns: `/run/netns/${name}`,
  ips: [parseIp(ip)],
});
const endpoints = [
  pod("웹", "노드-1", "10.244.1.2"),
  pod("db", "노드-1", "10.244.1.3"),
  pod("api", "node-2", "10.244.2.2"),
];

const finding = (from: number, to: number, error?: string, of: Partial<Finding> = {}): Finding => {
  const [a, b] = [endpoints[from]!, endpoints[to]!];
  const pair = { from: a.name, to: b.name, fromIp: a.ips[0]!, toIp: b.ips[0]!, sameNode: a.node === b.node };
  return { promise: "pod-to-pod", proto: "tcp", ...pair, ok: !error, ...(error ? { error } : { micros: 250 }), ...of };
};
const reportOf = (findings: readonly Finding[], all = endpoints): Report => {
  const tally = newTally(["pod-to-pod", "no-nat"], "all");
  for (const f of findings) tally.add(f);
  return tally.report({ endpoints: all, notes: [], millis: 12 });
};
const silence = "no answer within 1 s";
const report = reportOf([
  finding(0, 1),
  finding(0, 2, silence),
  finding(1, 2, silence),
  finding(1, 2, silence, { proto: "udp" }),
  finding(2, 0, "server saw 192.168.0.2, want 10.244.2.2: the address was translated", { promise: "no-nat" }),
]);

test("the grid stands in straight columns whatever the script, and says by letters what is broken", () => {
  const rows = renderMatrix(report, 80).split("\n").slice(0, 4);
  expect(rows.map((r) => r.trim().split(/\s+/).slice(-3))).toEqual([
    ["1", "2", "3"],
    ["·", "✓", "✗N"],
    ["✗TU", "·", "✓"],
    ["✗T", "✓", "·"],
  ]);
  // The column of `#` starts equally far to the right in each row.
  const before = rows.map((row) => row.slice(0, row.search(/[#\d] {2}[1·✓✗]/)));
  expect(before.map((text) => Bun.stringWidth(text))).toEqual([14, 14, 14, 14]);
});

test("pairs with one trouble between the same nodes are told once, with the first by name", () => {
  const text = renderTable(report, { columns: 80, color: false });
  expect(text).toContain(
    `✗ pod-to-pod (tcp, udp): 웹 (10.244.1.2) → api (10.244.2.2): ${silence}\n  the same for 1 more, 노드-1 → node-2\n`,
  );
  expect(text).toContain("✗ no-nat (tcp): api (10.244.2.2) → 웹 (10.244.1.2): server saw 192.168.0.2");
  expect(text).toEndWith("✗ 4 of 5 checks failed among 3 pods and 0 nodes in 12 ms\n");
});

test("colour adds nothing but colour", () => {
  const plain = renderTable(report, { columns: 80, color: false });
  expect(Bun.stripANSI(renderTable(report, { columns: 80, color: true }))).toBe(plain);
});

test("many endpoints are summed up by node, and nothing is wider than the terminal", () => {
  const many = Array.from({ length: 40 }, (_, i) => pod(`p${i}`, `n${i % 4}`, `10.1.${i % 4}.${i + 2}`));
  const wide = reportOf([finding(0, 1, silence, { from: "p0", to: "p1" })], many);
  const grid = renderMatrix(wide, 60);
  expect(grid).toContain("n0    1  ✓ 90   ✗ 1/100  ✓ 100  ✓ 100");
  for (const line of grid.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(60);
  expect(renderMatrix(wide, 10)).toBe("");
});

test("a JUnit suite counts pairs, and a broken pair quotes every protocol's words", () => {
  const xml = renderJunit(report);
  expect(xml).toContain('<testsuite name="pod-to-pod" tests="3" failures="2" time="0.000250">');
  expect(xml).toContain(`<failure message="tcp: ${silence}; udp: ${silence}" type="pod-to-pod">`);
});

test("a hint goes into the namespace that it is about", () => {
  expect(hintFor(endpoints, finding(1, 2, "ENETUNREACH"))).toBe(
    "db has no route there: ip netns exec db ip route get 10.244.2.2",
  );
  const elsewhere = endpoints.map((e) => ({ ...e, netns: "/proc/42/ns/net" }));
  // A router says it: the sender's own routes are fine.
  expect(hintFor(endpoints, finding(1, 2, "ENETUNREACH, says 10.244.1.2"))).toBe(
    "웹 has no route there: ip netns exec 웹 ip route get 10.244.2.2",
  );
  expect(hintFor(endpoints, finding(1, 2, "ENETUNREACH, says 10.244.1.1"))).toBe(
    "the router 10.244.1.1 has no route there: on it, ip route get 10.244.2.2",
  );
  expect(hintFor(elsewhere, finding(1, 2, "ENETUNREACH"))).toContain("nsenter --net=/proc/42/ns/net ip route get");
});

test("a promise that was checked in part has no tick, and the signs are explained below the table", () => {
  const part = newTally(["pod-to-pod", "no-nat", "full-mtu"], "all");
  for (const f of [finding(0, 1), finding(1, 0)]) part.add(f);
  part.add(finding(0, 1, undefined, { promise: "no-nat" }));
  part.skip("no-nat", 3);
  part.skip("full-mtu", 2);
  const text = renderTable(part.report({ endpoints, notes: [], millis: 1 }), { columns: 120, color: false });
  expect(text).toMatch(/^✓ {2}pod-to-pod +2 +2 +0 /m);
  expect(text).toMatch(/^~ {2}no-nat +1 +1 +3 /m);
  expect(text).toMatch(/^\? {2}full-mtu +0 +0 +2 /m);
  expect(text).toContain("~ checked in part: no-nat 1 of 4\n? not checked at all: full-mtu\nChecks that an earlier");
  expect(text).toEndWith("~ 3 checks passed among 3 pods and 0 nodes in 1 ms, 5 could not be checked\n");
});

test("a pair that could not be checked is no tick in either grid, and that is explained", () => {
  const tally = newTally(["no-nat"], "broken");
  tally.add({ promise: "no-nat", from: "웹", to: "db", unchecked: true });
  tally.doubt({ from: "api", to: "db" });
  const grid = renderMatrix(tally.report({ endpoints, notes: [], millis: 1 }), 80);
  expect([...(grid.match(/[✓?](?! not)/g) ?? [])].sort()).toEqual(["?", "?", "✓", "✓", "✓", "✓"]);
  expect(grid).toContain("? not checked in full\n");
  const many = Array.from({ length: 24 }, (_, i) => pod(`p${i}`, `n${i % 2}`, `10.1.0.${i + 2}`));
  tally.doubt({ from: "p0", to: "p2" });
  expect(renderMatrix(tally.report({ endpoints: many, notes: [], millis: 1 }), 80)).toContain("? 1/132");
});

test("on a narrow terminal the promises keep their figures and lose the words", () => {
  const wide = renderTable(report, { columns: 80, color: false });
  const narrow = renderTable(report, { columns: 48, color: false });
  expect(wide).toMatch(/PROMISE +KEPT +CHECKED +UNCHECKED +MEANING\n/);
  const figures = narrow.split("\n").filter((line) => /PROMISE|pod-to-pod +\d|no-nat +\d/.test(line));
  expect(figures.length).toBe(3);
  expect(figures[0]).toMatch(/UNCHECKED$/);
  for (const line of figures) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(48);
});

test("a hint for a lab's endpoint is the lab's own command", () => {
  const inLab = endpoints.map((e) => ({ ...e, enter: `podwire lab exec ${e.name} --` }));
  expect(hintFor(inLab, finding(1, 2, "ENETUNREACH"))).toBe(
    "db has no route there: podwire lab exec db -- ip route get 10.244.2.2",
  );
});

test("a missing route is told first, and silence between the same nodes is put down to it", () => {
  const text = renderTable(reportOf([finding(0, 2, silence), finding(2, 1, "ENETUNREACH"), finding(0, 1, silence)]), {
    columns: 80,
    color: false,
  });
  const told = text.split("\n").filter((line) => /^✗ pod-to-pod \(|^ {2}look/.test(line));
  expect(told[0]).toContain("api (10.244.2.2) → db (10.244.1.3): ENETUNREACH");
  expect(told[2]).toContain("웹 (10.244.1.2) → api");
  expect(told[3]).toBe("  look: api has no route to 10.244.1.3, as told above");
  expect(told[5]).toStartWith("  look: follow it: ");
});
