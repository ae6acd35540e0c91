/** A check of what a run between nodes found. One file and one line in the registry. */
import type { Check, Finding } from "../../check.ts";
import type { Found } from "../run/found.ts";

export interface PeerCheck extends Omit<Check, "run"> {
  readonly run: (found: Found) => readonly Finding[];
}
