/** What the schema has against a file of cases, in a person's words: the one issue that tells most. Pure. */
import type * as v from "valibot";
import { keyPath } from "../base/json-read.ts";
import { nearest } from "../base/nearest.ts";
import { keysAt } from "./schema-keys.ts";

export type Path = readonly (string | number)[];
type Issue = v.BaseIssue<unknown>;

export interface IssueWords {
  readonly path: Path;
  /** It is the key that is wrong, not its value. */
  readonly atKey: boolean;
  readonly want: string;
  readonly got: string;
}

const keysOf = (issue: Issue): Path => (issue.path ?? []).map((p) => p.key as string | number);
const pathText = (path: Path): string => path.reduce<string>(keyPath, "");
/** The key stands there, and the schema knows none of that name. */
const isUnknown = (issue: Issue): boolean => issue.expected === "never";
const isMissing = (issue: Issue): boolean => issue.path?.at(-1)?.origin === "key" && !isUnknown(issue);

/** Of a union the alternative that got furthest is the one that was meant. */
const deepest = (issue: Issue, before: Path = []): { issue: Issue; path: Path } => {
  const path = [...before, ...keysOf(issue)];
  const inner = (issue.issues ?? []).map((i) => deepest(i, path)).sort((a, b) => b.path.length - a.path.length)[0];
  return inner && inner.path.length > path.length ? inner : { issue, path };
};

/** A mistyped key is missed under its right name, too: it is told first. */
export const wordsOf = (issues: readonly Issue[], value: unknown): IssueWords => {
  const chosen = issues.find(isUnknown) ?? issues[0]!;
  const { issue, path } = deepest(chosen);
  const key = path.at(-1);
  if (isUnknown(issue)) {
    const known = keysAt(path.slice(0, -1), value);
    const close = nearest(String(key), known);
    const hint = close ? `; did you mean ${close}?` : `; known are ${known.join(", ")}`;
    return { path, atKey: true, want: "a key of the schema", got: `${pathText(path)}${hint}` };
  }
  if (isMissing(issue)) {
    const around = pathText(path.slice(0, -1));
    return { path, atKey: false, want: `the key ${key}${around && ` in ${around}`}`, got: "none" };
  }
  const of = path.length > 0 ? `${pathText(path)} to be ` : "";
  return { path, atKey: false, want: `${of}${issue.message}`, got: JSON.stringify(issue.input ?? null) };
};
