/** `npm run bench`: every case in turn; a table for people, JSON for machines. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { cases } from "./cases/registry.ts";
import { holds, type Row } from "./harness.ts";

const number = (n: number): string => (n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2));
const bound = (b: Row["bound"]): string =>
  [b.most !== undefined && `≤ ${b.most}`, b.least !== undefined && `≥ ${b.least}`].filter(Boolean).join(", ");

const line = (r: Row): string[] => [
  r.what,
  `${number(r.ours)} ${r.unit}`,
  r.peer === undefined ? "" : `${number(r.peer)} ${r.unit}${r.peerName ? ` (${r.peerName})` : ""}`,
  r.ratio === undefined ? "" : `${r.ratio.toFixed(2)}x`,
  `${bound(r.bound)}${r.ratio === undefined ? ` ${r.unit}` : "x"}`,
  holds(r) ? "yes" : "NO",
];

export const table = (rows: readonly Row[]): string => {
  const head = ["what", "podwire", "peer", "ratio", "promised", "kept"];
  return [head, head.map(() => "---"), ...rows.map(line)].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
};

const machine = (): string => {
  const cpu = cpus()[0]?.model.trim() ?? "unknown CPU";
  return `${cpus().length} x ${cpu}, Linux ${release()}, ${readFileSync("/etc/os-release", "utf8").match(/PRETTY_NAME="(.*)"/)?.[1]}`;
};

const wanted = process.argv.slice(2);
const rows: Row[] = [];
for (const c of cases)
  if (wanted.length === 0 || wanted.includes(c.name)) {
    process.stderr.write(`${c.name} ...\n`);
    rows.push(...(await c.run()));
  }
process.stdout.write(
  `\nMachine: ${machine()}. Medians; peers: Debian's containernetworking-plugins, or as named.\n\n${table(rows)}\n`,
);
mkdirSync("bench/out", { recursive: true });
writeFileSync(
  "bench/out/bench.json",
  `${JSON.stringify({ machine: machine(), rows: rows.map((r) => ({ ...r, kept: holds(r) })) }, null, 2)}\n`,
);
process.exit(rows.every(holds) ? 0 : 1);
