/** Broken findings that are one trouble told once: same promise, same words, same pair of nodes. Pure. */
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
  return [...groups.values()].map((of) => ({
    first: of[0]!,
    protos: [...new Set(of.flatMap((f) => f.proto ?? []))],
    fromNode: nodeOf.get(of[0]!.from) ?? "",
    toNode: nodeOf.get(of[0]!.to) ?? "",
    pairs: new Set(of.map((f) => `${f.fromIp} ${f.toIp}`)).size,
  }));
};
