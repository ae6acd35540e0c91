/** What someone knows of, and does not want to hear again: a check's id or name, and the reason. */
import { FaultError } from "../base/fault.ts";
import type { Check } from "./check.ts";

export interface Suppression {
  readonly check: string;
  readonly reason: string;
}

/** `K4=swap is meant to be on`. @throws FaultError bad-value */
export const parseSuppression = (text: string): Suppression => {
  const at = text.indexOf("=");
  const check = text.slice(0, at).trim();
  const reason = text.slice(at + 1).trim();
  if (at > 0 && check !== "" && reason !== "") return { check, reason };
  const want = "CHECK=REASON, such as 'K4=swap is meant to be on'";
  throw new FaultError({ kind: "bad-value", what: "--suppress", got: JSON.stringify(text), want });
};

export const reasonFor = (
  { id, name }: Pick<Check, "id" | "name">,
  suppressions: readonly Suppression[],
): string | undefined =>
  suppressions.find(({ check }) => check.toLowerCase() === id.toLowerCase() || check === name)?.reason;
