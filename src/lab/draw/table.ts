/** A lab as plain tables: for pipes and logs, one thing a line. */
import type { LabView } from "../view/view.ts";
import { pad, textWidth } from "./width.ts";

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((r) => textWidth(r[i] ?? ""))));
  return rows
    .map(
      (r) =>
        `${r
          .map((cell, i) => pad(cell, widths[i]!))
          .join("   ")
          .trimEnd()}\n`,
    )
    .join("");
};

const orDash = (texts: readonly string[]): string => (texts.length === 0 ? "-" : texts.join(","));
const health = (problems: readonly string[]): string => (problems.length === 0 ? "ok" : problems.join("; "));

export const tableOfLab = (view: LabView): string => {
  const nodes = view.nodes.map((n) => [
    n.name,
    n.role,
    orDash(n.addresses),
    orDash(n.bridge ? n.bridge.addresses : []),
    orDash(n.subnets),
    health(n.problems),
  ]);
  const pods = view.nodes.flatMap((n) =>
    n.pods.map((p) => [p.name, n.name, orDash(p.ips), p.veth ?? "-", health(p.problems)]),
  );
  const parts = [
    table([["NODE", "ROLE", "ADDRESS", "BRIDGE", "PODS", "STATE"], ...nodes]),
    ...(pods.length > 0 ? [table([["POD", "NODE", "ADDRESS", "VETH", "STATE"], ...pods])] : []),
    ...view.problems.filter((p) => /^(lab|underlay):/.test(p)).map((p) => `${p}\n`),
  ];
  return parts.join("\n");
};
