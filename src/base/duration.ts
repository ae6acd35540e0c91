/** How long something took, as a person says it and writes it. Pure. */
import { FaultError } from "./fault.ts";

/** `0.6 s`, `47 s`, `2 min 47 s`. */
export const durationText = (millis: number): string => {
  const tenths = Math.round(millis / 100);
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(millis / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `500ms`, `30s`, `15m`, `1h`, as milliseconds. @throws FaultError bad-value */
export const parseDuration = (text: string, what: string): number => {
  const [, digits, unit] = /^(\d{1,6})(ms|s|m|h)$/.exec(text) ?? [];
  if (unit !== undefined) return Number(digits) * units[unit as keyof typeof units];
  throw new FaultError({ kind: "bad-value", what, got: text, want: "a time such as 500ms, 30s, 15m or 1h" });
};
