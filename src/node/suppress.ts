/** What someone knows of, and does not want to hear again: a check's id or name, the reason, and perhaps until when. */
import { parse } from "yaml";
import { FaultError } from "../base/fault.ts";
import { nearest } from "../base/nearest.ts";
import type { Check } from "./check.ts";
import type { Host } from "./host.ts";

export interface Suppression {
  readonly check: string;
  readonly reason: string;
  /** The last day on which it holds: `2026-12-31`. */
  readonly until?: string;
}

type Face = Pick<Check, "id" | "name">;

const isOf = ({ check }: Suppression, { id, name }: Face): boolean =>
  check.toLowerCase() === id.toLowerCase() || check === name;

/** @throws FaultError not-found, with the check that was meant */
const known = (suppression: Suppression, where: string, checks: readonly Face[]): Suppression => {
  if (checks.some((face) => isOf(suppression, face))) return suppression;
  const { check } = suppression;
  const ids = checks.map(({ id }) => id);
  const close =
    nearest(check.toUpperCase(), ids) ??
    nearest(
      check,
      checks.map(({ name }) => name),
    );
  const why = `${where} names it, and there is none of that id or name${close ? `; did you mean ${close}?` : ""}`;
  throw new FaultError({ kind: "not-found", what: `check ${check}`, why, fix: "podwire node check -o wide" });
};

/** `K4=swap is meant to be on`. @throws FaultError bad-value, not-found */
export const parseSuppression = (text: string, checks: readonly Face[]): Suppression => {
  const at = text.indexOf("=");
  const check = text.slice(0, at).trim();
  const reason = text.slice(at + 1).trim();
  if (at > 0 && check !== "" && reason !== "") return known({ check, reason }, "--suppress", checks);
  const want = "CHECK=REASON, such as 'K4=swap is meant to be on'";
  throw new FaultError({ kind: "bad-value", what: "--suppress", got: JSON.stringify(text), want });
};

export const suppressionsFile = "/etc/podwire/checks.yaml";

const refuse = (at: string, why: string): FaultError =>
  new FaultError({ kind: "bad-config", at: `${suppressionsFile}: ${at}`, why });

const isDay = (text: unknown): text is string =>
  typeof text === "string" && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));

const keys = ["check", "reason", "until"];

const oneOf = (value: unknown, i: number, checks: readonly Face[]): Suppression => {
  const at = `suppress[${i}]`;
  if (typeof value !== "object" || value === null) throw refuse(at, "want check: and reason:");
  const { check, reason, until } = value as Record<string, unknown>;
  const strange = Object.keys(value).find((key) => !keys.includes(key));
  if (strange !== undefined) throw refuse(`${at}.${strange}`, `want ${keys.join(", ")}`);
  if (typeof check !== "string" || check === "") throw refuse(`${at}.check`, "want a check's id, such as K4");
  if (typeof reason !== "string" || reason.trim() === "") throw refuse(`${at}.reason`, "want the reason in words");
  if (until !== undefined && !isDay(until)) throw refuse(`${at}.until`, "want a day, such as 2026-12-31");
  return known({ check, reason, ...(until === undefined ? {} : { until }) }, suppressionsFile, checks);
};

/** Those of the node's own file; none without it. @throws FaultError bad-config, not-found */
export const fileSuppressions = (host: Pick<Host, "readOwn">, checks: readonly Face[]): Suppression[] => {
  const text = host.readOwn(suppressionsFile);
  if (text === undefined) return [];
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw refuse("YAML", error instanceof Error ? error.message.split("\n")[0]! : String(error));
  }
  if (value === null) return [];
  const list = typeof value === "object" && "suppress" in value ? value.suppress : undefined;
  if (!Array.isArray(list)) throw refuse("suppress", "want a list of check, reason and, perhaps, until");
  return list.map((one: unknown, i) => oneOf(one, i, checks));
};

export interface Suppressed {
  /** Why what was found does not count. */
  readonly suppressed?: string;
  /** It did not count once: now it does again. */
  readonly expired?: { readonly reason: string; readonly until: string };
}

/** @param today such as `2026-11-28` */
export const suppressedBy = (face: Face, suppressions: readonly Suppression[], today: string): Suppressed => {
  const of = suppressions.filter((s) => isOf(s, face));
  const holds = of.find(({ until }) => until === undefined || until >= today);
  if (holds) return { suppressed: holds.reason };
  const over = of.find(({ until }) => until !== undefined);
  return over?.until === undefined ? {} : { expired: { reason: over.reason, until: over.until } };
};
