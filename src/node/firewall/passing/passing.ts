/** Whether what is opened really passes: an accept of one table does not overrule a drop of another, so the whole ruleset is asked. */
import type { Opening } from "../openings.ts";
import type { Ruleset } from "../ruleset/model.ts";
import { simulate } from "../simulate/simulate.ts";
import type { Packet, Verdict } from "../simulate/verdict.ts";
import { packetsFor } from "./probes.ts";

export interface Kept {
  readonly opening: Opening;
  /** One that does not pass. */
  readonly packet: Packet;
  readonly verdict: Verdict;
}

/** Openings that a rule keeps closed all the same, each once. What routing refuses is no firewall's. */
export const keptOut = (ruleset: Ruleset, openings: readonly Opening[]): Kept[] =>
  openings.flatMap((opening) => {
    const kept = packetsFor(ruleset, opening)
      .map((packet): Kept => ({ opening, packet, verdict: simulate(ruleset, packet) }))
      .find(({ verdict: { fate, by } }) => (fate === "dropped" || fate === "rejected") && by?.chain !== undefined);
    return kept ? [kept] : [];
  });
