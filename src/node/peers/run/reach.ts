/** What a run found, as a cell for each ordered pair of nodes. Pure. */
import type { Reach, ReachCell } from "../../report/report.ts";
import { measured } from "../checks/path-mtu.ts";
import { verdictOf } from "../checks/verdict.ts";
import { gather } from "../checks/who.ts";
import type { Found } from "./found.ts";

export const reachOf = (found: Found): Reach => {
  const labels = found.nodes.map((n) => n.label);
  const keyOf = ({ from, to }: { readonly from: number; readonly to: number }): string => `${from} ${to}`;
  const tried = new Map(gather(found.tried, keyOf).map((same) => [keyOf(same[0]!), same]));
  const byPair = new Map(gather(found.paths, keyOf).map((same) => [keyOf(same[0]!), same]));
  const cellOf = (from: number, to: number): ReachCell => {
    const all = tried.get(keyOf({ from, to })) ?? [];
    const ways = all.filter((t) => t.row).map((t) => verdictOf(t, labels).is);
    const trips = all.flatMap((t) => t.end?.micros ?? []);
    const paths = (byPair.get(keyOf({ from, to })) ?? []).flatMap((p) => measured(found, p)?.largest ?? []);
    return {
      from,
      to,
      tried: ways.length,
      failed: ways.filter((is) => is === "failed").length,
      unknown: ways.filter((is) => is === "unknown").length,
      ...(trips.length > 0 ? { roundTripMicros: Math.min(...trips) } : {}),
      ...(paths.length > 0 ? { pathMtu: Math.min(...paths) } : {}),
    };
  };
  return { nodes: labels, cells: labels.flatMap((_, from) => labels.map((__, to) => cellOf(from, to))) };
};
