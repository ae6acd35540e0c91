/** A lab as a Mermaid flowchart: for a README or an issue. */
import type { LabView } from "../view/view.ts";

/** Mermaid reads entities inside quotes: nothing of a label can end the quote or start a tag. */
const text = (...lines: readonly string[]): string =>
  `"${lines
    .filter((l) => l !== "")
    .map((l) => l.replace(/[&"<>#;]/g, (c) => `#${c.codePointAt(0)};`))
    .join("<br/>")}"`;

const id = (name: string): string => name.replaceAll("-", "_");

export const mermaidOf = (view: LabView): string => {
  const lines = ["flowchart BT"];
  for (const [i, s] of view.segments.entries())
    lines.push(`  underlay${i}{{${text(`${view.underlay} ${s.bridge}`, ...s.subnets)}}}`);
  if (view.segments.length > 1) lines.push("  underlay0 === underlay1");
  for (const n of view.nodes) {
    lines.push(`  subgraph ${id(n.name)}[${text([n.name, n.role, n.label].filter(Boolean).join(" · "))}]`);
    lines.push(`    ${id(n.name)}_eth0[${text("eth0", ...n.addresses)}]`);
    if (n.bridge) {
      lines.push(`    ${id(n.name)}_bridge[${text(n.bridge.name, ...n.bridge.addresses)}]`);
      lines.push(`    ${id(n.name)}_bridge --- ${id(n.name)}_eth0`);
    }
    for (const p of n.pods) {
      lines.push(`    ${id(p.name)}([${text(p.name, ...p.ips)}])`);
      if (n.bridge && p.veth) lines.push(`    ${id(p.name)} ---|${p.veth}| ${id(n.name)}_bridge`);
    }
    lines.push("  end", `  ${id(n.name)}_eth0 --- underlay${n.segment}`);
  }
  return `${lines.join("\n")}\n`;
};
