/** A check of several nodes at once: what each is well with alone, and all are not together. One file and one line in the registry. */
import type { Check, Finding } from "../check.ts";
import type { Identity } from "../identity.ts";

/** What a node tells the others of itself. */
export interface NodeFacts {
  readonly node: string;
  readonly identity: Identity;
}

export interface BetweenCheck extends Omit<Check, "run"> {
  readonly run: (nodes: readonly NodeFacts[]) => readonly Finding[];
}
