/** A file of cases: YAML in, a chapter out, or an error with its line and column. */
import * as v from "valibot";
import { isCollection, LineCounter, type Node, parseDocument } from "yaml";
import { FaultError } from "../base/fault.ts";
import { type Chapter, chapterSchema } from "./schema.ts";

/** @throws FaultError bad-syntax, at the place in the file */
export const parseChapter = (text: string, file: string): Chapter => {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (offset: number, want: string, got: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new FaultError({ kind: "bad-syntax", file, line: Math.max(line, 1), column: Math.max(col, 1), want, got });
  };
  const broken = doc.errors[0];
  if (broken) return fail(broken.pos[0], "YAML", broken.message);
  const checked = v.safeParse(chapterSchema, doc.toJS());
  if (!checked.success) {
    const issue = checked.issues[0];
    const path = (issue.path ?? []).map((p) => p.key as string | number);
    const unknownKey = issue.path?.at(-1)?.origin === "key";
    const got = unknownKey ? `key ${JSON.stringify(path.at(-1))}` : JSON.stringify(issue.input ?? null);
    return fail(offsetAt(doc.contents, path), unknownKey ? "a key of the schema" : issue.message, got);
  }
  const chapter = checked.output;
  if ((chapter.plugin === undefined) === (chapter.group === undefined)) return fail(0, "one of plugin and group", file);
  const ids = chapter.cases.map((c) => c.id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  return twice === undefined ? chapter : fail(0, "ids that differ", twice);
};

/** Where a value begins, or the nearest thing around it. */
const offsetAt = (root: unknown, path: readonly (string | number)[]): number => {
  let node = root as Node | undefined;
  for (const key of path) {
    const inner = isCollection(node) ? (node.get(key, true) as Node | undefined) : undefined;
    if (!inner) break;
    node = inner;
  }
  return node?.range?.[0] ?? 0;
};
