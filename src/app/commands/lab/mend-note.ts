/** What must be said below a lab's findings: their lines are for a machine of its own. Pure. */
import { wrapText } from "../../../base/wrap.ts";
import type { Report } from "../../../node/report/report.ts";

/** Undefined when there is no line that somebody may copy. */
export const mendNote = ({ nodes, between }: Report, rootDir: string, columns: number): string | undefined => {
  const all = [...nodes.flatMap((n) => n.checks), ...(between ?? [])];
  if (!all.some((c) => c.suppressed === undefined && c.findings.some((f) => f.fix && f.outcome !== "ok")))
    return undefined;
  const text =
    "The lines that mend are for a machine of its own: typed here they change this one. podwire lab heal takes back what " +
    "lab break did. By hand, what is of a node's network is mended by podwire lab exec NODE -- LINE, and what is in a " +
    `file, in the node's own: ${rootDir}`;
  return `\n${wrapText(text, columns).join("\n")}\n`;
};
