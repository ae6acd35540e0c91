/** What a run between nodes found, in the report of what was found on nodes. */

import type { NodeFacts } from "../../between/between.ts";
import { betweenChecks } from "../../between/registry.ts";
import { type NodeReport, type Report, reportOf } from "../../report/report.ts";
import { runBetween } from "../../run-checks.ts";
import type { Suppression } from "../../suppress.ts";
import { peerChecks } from "../checks/registry.ts";
import type { Found } from "./found.ts";
import { reachOf } from "./reach.ts";

export const reportOfPeers = (
  nodes: readonly NodeReport[],
  found: Found,
  suppressions: readonly Suppression[],
  /** Who they are, when that is known better than they say themselves. */
  facts: readonly NodeFacts[] = found.nodes.map((n) => ({ node: n.label, identity: n.facts.identity })),
): Report => {
  const between = [...runBetween(betweenChecks, facts, suppressions), ...runBetween(peerChecks, found, suppressions)];
  return reportOf(nodes, between, reachOf(found));
};
