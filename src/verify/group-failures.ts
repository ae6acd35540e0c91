/**
 * Broken findings that are one trouble told once: same promise, same words, same pair of nodes. Those that name a
 * missing route come first, since the silence of others may be its doing. Pure.
 */
import { family } from "../base/ip.ts";
import type { Endpoint, Finding, Proto } from "./types.ts";

export interface Failure {
  /** The first of them. */
  readonly first: Finding;
  readonly protos: readonly Proto[];
  readonly fromNode: string;
  readonly toNode: string;
  /** Pairs of addresses, the first included. */
  readonly pairs: number;
}

export const groupFailures = (endpoints: readonly Endpoint[], findings: readonly Finding[]): Failure[] => {
  const nodeOf = new Map(endpoints.map((e) => [e.name, e.node]));
  const groups = new Map<string, Finding[]>();
  for (const f of findings) {
    if (f.ok) continue;
    const words = [f.fromIp, f.toIp, f.from, f.to].reduce((text, own) => text.replaceAll(own, ""), f.error ?? "");
    const key = [f.promise, words, nodeOf.get(f.from), nodeOf.get(f.to)].join("\n");
    groups.set(key, [...(groups.get(key) ?? []), f]);
  }
  const failures = [...groups.values()].map((of) => ({
    first: of[0]!,
    protos: [...new Set(of.flatMap((f) => f.proto ?? []))],
    fromNode: nodeOf.get(of[0]!.from) ?? "",
    toNode: nodeOf.get(of[0]!.to) ?? "",
    pairs: new Set(of.map((f) => `${f.fromIp} ${f.toIp}`)).size,
  }));
  return failures.sort((a, b) => Number(lacksRoute(b)) - Number(lacksRoute(a)));
};

const lacksRoute = ({ first }: Failure): boolean => first.error?.startsWith("ENETUNREACH") ?? false;
const isSilence = ({ first }: Failure): boolean => /^no answer|did not come back/.test(first.error ?? "");

/** The failure that explains this silence: one of the two nodes has no route to the other's. */
export const causeOf = (failure: Failure, all: readonly Failure[]): Failure | undefined => {
  if (!isSilence(failure)) return undefined;
  const between = [failure.fromNode, failure.toNode].sort().join("\n");
  const ofFamily = family(failure.first.toIp);
  return all.find(
    (f) => lacksRoute(f) && [f.fromNode, f.toNode].sort().join("\n") === between && family(f.first.toIp) === ofFamily,
  );
};
