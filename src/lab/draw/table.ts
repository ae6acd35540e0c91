/** A lab as plain tables: for pipes and logs, one thing a line. */
import { tableText } from "../../base/table.ts";
import type { LabView } from "../view/view.ts";

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
    tableText([["NODE", "ROLE", "ADDRESS", "BRIDGE", "PODS", "STATE"], ...nodes], { gap: 3 }),
    ...(pods.length > 0 ? [tableText([["POD", "NODE", "ADDRESS", "VETH", "STATE"], ...pods], { gap: 3 })] : []),
    ...view.problems.filter((p) => /^(lab|underlay):/.test(p)).map((p) => `${p}\n`),
  ];
  return parts.join("\n");
};
