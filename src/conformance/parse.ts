/** A file of cases: YAML in, a chapter out, or an error with its line, its column and the key that is wrong. */
import * as v from "valibot";
import { isCollection, isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { FaultError } from "../base/fault.ts";
import { type Path, wordsOf } from "./issue-words.ts";
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
  const value: unknown = doc.toJS();
  const checked = v.safeParse(chapterSchema, value);
  if (!checked.success) {
    const { path, atKey, want, got } = wordsOf(checked.issues, value);
    return fail(offsetAt(doc.contents, path, atKey), want, got);
  }
  const chapter = checked.output;
  const { plugin, group } = chapter;
  if ((plugin === undefined) === (group === undefined))
    return fail(offsetAt(doc.contents, ["group"], true), "one of plugin and group", plugin ? "both" : "neither");
  const ids = chapter.cases.map((c) => c.id);
  const twice = ids.findIndex((id, i) => ids.indexOf(id) !== i);
  if (twice < 0) return chapter;
  return fail(offsetAt(doc.contents, ["cases", twice, "id"], false), "ids that differ", `${ids[twice]} twice`);
};

/** Where a value begins (or its key), or the nearest thing around it. */
const offsetAt = (root: unknown, path: Path, atKey: boolean): number => {
  let node = root as Node | undefined;
  for (const [i, key] of path.entries()) {
    if (atKey && i === path.length - 1 && isMap(node)) {
      const pair = node.items.find((p) => isScalar(p.key) && p.key.value === key);
      return (pair?.key as Node | undefined)?.range?.[0] ?? node.range?.[0] ?? 0;
    }
    const inner = isCollection(node) ? (node.get(key, true) as Node | undefined) : undefined;
    if (!inner) break;
    node = inner;
  }
  return node?.range?.[0] ?? 0;
};
