/** Every check of several nodes at once: a new one is a file and a line. */
import type { BetweenCheck } from "./between.ts";
import { clonesCheck } from "./clones.ts";

export const betweenChecks: readonly BetweenCheck[] = [clonesCheck];
