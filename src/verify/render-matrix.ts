/** Who reaches whom, as a grid: endpoints while there is room, nodes beyond that. Pure. */
import { displayWidth } from "../base/display-width.ts";
import { tableText } from "../base/table.ts";
import type { Endpoint, Finding, Report } from "./types.ts";

/** Beyond this a grid of endpoints tells less than one of nodes. */
const MOST_ENDPOINTS = 20;

/** What is broken between two, as letters. */
const letterOf = (f: Finding): string =>
  f.promise === "no-nat" ? "N" : f.promise === "full-mtu" ? "M" : (f.proto?.[0] ?? "").toUpperCase();
const pairKey = (from: string, to: string): string => `${from}\n${to}`;

const brokenPairs = (report: Report): Map<string, Set<string>> => {
  const out = new Map<string, Set<string>>();
  for (const f of report.findings) {
    if (f.ok || f.promise === "unique-address") continue;
    const key = pairKey(f.from, f.to);
    out.set(key, (out.get(key) ?? new Set()).add(letterOf(f)));
  }
  return out;
};
const uncheckedPairs = (report: Report): Set<string> => new Set(report.unchecked.map((p) => pairKey(p.from, p.to)));

const talks = (report: Report, from: Endpoint, to: Endpoint): boolean => {
  const ids = report.promises.map((p) => p.id);
  if (from.name === to.name || (from.kind === "node" && to.kind === "node")) return false;
  if (from.kind === "node") return ids.includes("node-to-pod");
  return to.kind === "node"
    ? ids.includes("pod-to-node")
    : ids.some((i) => ["pod-to-pod", "no-nat", "full-mtu"].includes(i));
};

const endpointGrid = (report: Report, all: readonly Endpoint[]): string => {
  const broken = brokenPairs(report);
  const doubtful = uncheckedPairs(report);
  const cell = (from: Endpoint, to: Endpoint): string => {
    if (!talks(report, from, to)) return "·";
    const letters = broken.get(pairKey(from.name, to.name));
    if (letters) return `✗${["T", "U", "I", "N", "M"].filter((l) => letters.has(l)).join("")}`;
    return doubtful.has(pairKey(from.name, to.name)) ? "?" : "✓";
  };
  const label = (e: Endpoint): string => (e.kind === "node" ? "(node)" : e.name);
  const head = ["NODE", "FROM", "#", ...all.map((_, i) => String(i + 1))];
  const rows = all.map((e, i) => {
    const sameAsAbove = all[i - 1]?.node === e.node;
    return [sameAsAbove ? "" : e.node, label(e), String(i + 1), ...all.map((to) => cell(e, to))];
  });
  return tableText([head, ...rows]);
};

const nodeGrid = (report: Report, all: readonly Endpoint[]): string => {
  const broken = brokenPairs(report);
  const doubtful = uncheckedPairs(report);
  const nodes = [...new Set(all.map((e) => e.node))];
  const cell = (from: string, to: string): string => {
    const pairs = all
      .filter((e) => e.node === from)
      .flatMap((a) => all.filter((b) => b.node === to && talks(report, a, b)).map((b) => pairKey(a.name, b.name)));
    const bad = pairs.filter((p) => broken.has(p)).length;
    const left = pairs.filter((p) => doubtful.has(p)).length;
    if (pairs.length === 0) return "·";
    if (bad > 0) return `✗ ${bad}/${pairs.length}`;
    return left > 0 ? `? ${left}/${pairs.length}` : `✓ ${pairs.length}`;
  };
  const head = ["FROM", "#", ...nodes.map((_, i) => String(i + 1))];
  return tableText([head, ...nodes.map((n, i) => [n, String(i + 1), ...nodes.map((to) => cell(n, to))])]);
};

/** Ends with its legend. Empty when nothing talks to anything, or when not even the nodes fit the width. */
export const renderMatrix = (report: Report, columns: number): string => {
  const all = [...report.endpoints].sort(
    (a, b) => compare(a.node, b.node) || compare(a.kind, b.kind) || compare(a.name, b.name),
  );
  if (!all.some((a) => all.some((b) => talks(report, a, b)))) return "";
  const fits = (text: string): boolean => text.split("\n").every((line) => displayWidth(line) <= columns);
  const small = all.length <= MOST_ENDPOINTS ? endpointGrid(report, all) : "";
  const legend = small.includes("✗") ? "✗ broken: T tcp, U udp, I icmp, N address translated, M full MTU\n" : "";
  if (small && fits(small)) return `${small}${legend}${doubt(small)}`;
  const large = nodeGrid(report, all);
  return fits(large) ? `${large}pairs from the row's node to the column's\n${doubt(large)}` : "";
};

const doubt = (grid: string): string => (grid.includes("?") ? "? not checked in full\n" : "");

const compare = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });
