/** One call's outcome against what was expected of it. Pure. */
import { essence } from "./config.ts";
import { differences, shown } from "./match.ts";
import type { Expectation } from "./schema.ts";
import type { Ran } from "./stage.ts";

/** A finding without its level and place. */
export interface Trouble {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
}

/** Stdout as JSON; undefined when it is none. */
export const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const outcome = ({ exit, stdout, stderr }: Ran): string => {
  const words = (stdout.trim() || stderr.trim()).replace(/\s+/g, " ").slice(0, 400);
  const how = exit > 128 ? `exit status ${exit} (killed, or out of time)` : `exit status ${exit}`;
  return words === "" ? how : `${how}: ${words}`;
};

const errorTroubles = (want: Expectation, ran: Ran): Trouble[] => {
  if (!want.code && !want.msg && !want.codeNames) return [];
  const error = jsonOf(ran.stdout) as { code?: unknown; msg?: unknown; details?: unknown } | undefined;
  const { code, msg, details } = error ?? {};
  const said = `${msg ?? ""} ${details ?? ""}`;
  const lacks = (words: readonly string[], text: string): string[] =>
    words.filter((word) => !text.toLowerCase().includes(word.toLowerCase()));
  const troubles: Trouble[] = [];
  const isOwn = typeof code === "number" && code >= 100;
  if (want.code && !want.code.some((c) => (c === "own" ? isOwn : c === code)))
    troubles.push({ what: "error code", expected: want.code.join(" or "), seen: outcome(ran) });
  const unsaid = lacks(want.msg ?? [], said);
  if (unsaid.length > 0)
    troubles.push({ what: "error message", expected: `names ${unsaid.join(", ")}`, seen: outcome(ran) });
  const unnamed = code === 4 ? lacks(want.codeNames ?? [], String(msg)) : [];
  if (unnamed.length > 0)
    troubles.push({ what: "message of code 4", expected: `names ${unnamed.join(", ")}`, seen: outcome(ran) });
  return troubles;
};

const stdoutTroubles = (want: unknown, ran: Ran, given: unknown): Trouble[] => {
  if (want === undefined) return [];
  const what = "stdout";
  if (want === "<none>")
    return ran.stdout.trim() === "" ? [] : [{ what, expected: "nothing", seen: shown(ran.stdout.trim()) }];
  const got = jsonOf(ran.stdout);
  if (got === undefined) return [{ what, expected: "JSON", seen: shown(ran.stdout.trim()) }];
  if (want === "<prevResult>") {
    const [a, b] = [given, got].map((x) => shown(essence(x)));
    return Bun.deepEquals(essence(given), essence(got))
      ? []
      : [{ what, expected: `what prevResult says: ${a}`, seen: b ?? "" }];
  }
  return differences(want, got).map((d) => ({
    what: d.at === "" ? what : `${what}: ${d.at}`,
    expected: d.want,
    seen: d.got,
  }));
};

const stderrTroubles = (want: string | undefined, got: string): Trouble[] => {
  if (want === undefined || (want === "none" ? got === "" : got.includes(want))) return [];
  const expected = want === "none" ? "nothing" : `has ${shown(want)} in it`;
  return [{ what: "stderr", expected, seen: shown(got) }];
};

/** `given` is the prevResult that the plugin got. */
export const judgeCall = (want: Expectation, ran: Ran, given: unknown): Trouble[] => {
  const failed = ran.exit !== 0;
  if (want.exit !== undefined && failed !== (want.exit === "nonzero")) {
    const expected = failed ? "0" : "not 0, since it must fail";
    // All else follows from it.
    return [{ what: "exit status", expected, seen: outcome(ran) }];
  }
  return [
    ...errorTroubles(want, ran),
    ...stdoutTroubles(want.stdout, ran, given),
    ...stderrTroubles(want.stderr, ran.stderr.trim()),
  ];
};
