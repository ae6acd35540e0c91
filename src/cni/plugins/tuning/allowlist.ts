/**
 * The sysctls that the administrator allows: regular expressions, one a line, which need not match all of a name. They
 * are written for Go; what JavaScript spells otherwise is translated, what it lacks is refused.
 */
import { FaultError } from "../../../base/fault.ts";
import { badConfig, keyPath } from "../../../base/json-read.ts";
import { sysctlName } from "../../../base/sysctl-name.ts";
import type { Sysctl } from "./config.ts";
import type { TuningHost } from "./host.ts";

/** @throws FaultError bad-config for the first that no line matches, or for a line that is reached and is none */
export const needAllowed = ({ files, allowlist }: TuningHost, sysctls: readonly Sysctl[]): void => {
  const lines = files
    .readFileSync(allowlist)
    .split("\n")
    .map((text, i) => ({ text: text.trim(), at: `${allowlist}:${i + 1}` }))
    .filter(({ text }) => text !== "" && !text.startsWith("#"));
  for (const { key, name } of sysctls) {
    const spellings = [key, sysctlName(name)];
    if (lines.some(({ text, at }) => spellings.some((s) => pattern(text, at).test(s)))) continue;
    const line = `^${sysctlName(name).replaceAll(".", "\\.")}$`;
    throw badConfig(keyPath("sysctl", key), `no line of ${allowlist} allows it; this one would: ${line}`);
  }
};

/** @throws FaultError bad-config */
const pattern = (text: string, at: string): RegExp => {
  try {
    const [, flags = "", rest = ""] = /^(?:\(\?([ism]+)\))?(.*)$/s.exec(text) ?? [];
    return new RegExp(translated(rest), flags);
  } catch (error) {
    const why = `expected a regular expression, got ${text}: ${error instanceof Error ? error.message : error}`;
    throw new FaultError({ kind: "bad-config", at, why }, error);
  }
};

/** Go's words for what JavaScript has, and what both mean alike. */
const translated = (text: string): string =>
  text.replace(/\[:(\^?)(\w+):\]|\(\?P<|\\(.)/gs, (whole, not: string | undefined, posix?: string, letter?: string) => {
    if (posix !== undefined) return posixClass(not ?? "", posix);
    if (letter === undefined) return "(?<";
    if (letter === "A") return "^";
    if (letter === "z") return "$";
    if (/[^A-Za-z]|[dDwWsSbBnrtfvx]/.test(letter)) return whole;
    throw new SyntaxError(`${whole} is not understood here`);
  });

/** Within brackets; sysctls have no letters beyond ASCII. */
const posixClass = (not: string, name: string): string => {
  const set = not === "" ? classes[name] : undefined;
  if (set !== undefined) return set;
  throw new SyntaxError(`[:${not}${name}:] is not understood here`);
};
const classes: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  word: "\\w",
  punct: "!-\\/:-@[-`{-~",
  xdigit: "0-9A-Fa-f",
};
