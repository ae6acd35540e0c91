/** `podwire node firewall --explain`: what becomes of a packet here, and which rule of whom decides. */

import { packetOf, parseQuestion } from "../../../node/firewall/explain/question.ts";
import { explanation, explanationText } from "../../../node/firewall/explain/report.ts";
import { readRuleset } from "../../../node/firewall/ruleset/read.ts";
import { simulateAnswer } from "../../../node/firewall/simulate/answer.ts";
import { simulate } from "../../../node/firewall/simulate/simulate.ts";
import type { Host } from "../../../node/host.ts";
import type { Io } from "../../cli/io.ts";

export const explainOutputs = ["table", "wide", "json"] as const;

export interface ExplainOptions {
  /** `tcp/6443 from 10.0.0.5`, as one text or word by word. */
  readonly explain: readonly string[];
  readonly output?: (typeof explainOutputs)[number] | undefined;
}

/** Exit status 0 when it is let in and its answer out, 1 when not, or when it cannot be told. */
export const explainWith = ({ ns }: Pick<Host, "ns">, { explain, output = "table" }: ExplainOptions, io: Io): 0 | 1 => {
  const question = parseQuestion(explain);
  const ruleset = readRuleset(ns);
  const packet = packetOf(ruleset, question);
  const verdict = simulate(ruleset, packet);
  const answer = simulateAnswer(ruleset, packet, verdict);
  const told = explanation(ruleset, packet, verdict, answer);
  io.out(
    output === "json"
      ? `${JSON.stringify(told, null, 2)}\n`
      : explanationText(told, { color: io.color, wide: output === "wide" }),
  );
  return told.fate === "accepted" && (answer?.fate ?? "accepted") === "accepted" ? 0 : 1;
};
