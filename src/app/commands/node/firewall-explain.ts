/** `podwire node firewall --explain`: what becomes of a packet here, and which rule of whom decides. */

import { packetOf, parseQuestion } from "../../../node/firewall/explain/question.ts";
import { explanation, explanationText } from "../../../node/firewall/explain/report.ts";
import { readRuleset } from "../../../node/firewall/ruleset/read.ts";
import { simulate } from "../../../node/firewall/simulate/simulate.ts";
import type { Host } from "../../../node/host.ts";
import type { Io } from "../../cli/io.ts";

export const explainOutputs = ["table", "wide", "json"] as const;

export interface ExplainOptions {
  /** `tcp/6443 from 10.0.0.5`, as one text or word by word. */
  readonly explain: readonly string[];
  readonly output?: (typeof explainOutputs)[number];
}

/** Exit status 0 when it is let in, 1 when not, or when it cannot be told. */
export const explainWith = ({ ns }: Pick<Host, "ns">, { explain, output = "table" }: ExplainOptions, io: Io): 0 | 1 => {
  const question = parseQuestion(explain);
  const ruleset = readRuleset(ns);
  const packet = packetOf(ruleset, question);
  const told = explanation(ruleset, packet, simulate(ruleset, packet));
  io.out(
    output === "json"
      ? `${JSON.stringify(told, null, 2)}\n`
      : explanationText(told, { color: io.color, wide: output === "wide" }),
  );
  return told.fate === "accepted" ? 0 : 1;
};
