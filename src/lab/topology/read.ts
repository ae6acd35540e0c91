/** A lab's file: YAML in, a topology out, or an error with its line and column. */
import * as v from "valibot";
import { isCollection, isMap, isScalar, LineCounter, type Node, parseDocument, type Document as Yaml } from "yaml";
import { FaultError } from "../../base/fault.ts";
import { nodeKeys, type Topology, topologyKeys, topologySchema } from "./schema.ts";

type Path = readonly (string | number)[];

/** @throws FaultError bad-syntax, at the place in the file */
export const parseTopology = (text: string, file: string): Topology => {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (offset: number, want: string, got: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new FaultError({ kind: "bad-syntax", file, line: Math.max(line, 1), column: Math.max(col, 1), want, got });
  };
  const broken = doc.errors[0];
  if (broken) return fail(broken.pos[0], "YAML", broken.message);
  // An empty file is a lab with every default.
  if (doc.contents === null) return {};
  const checked = v.safeParse(topologySchema, plainOf(doc, fail));
  if (checked.success) return checked.output;
  const issue = checked.issues[0];
  const path = (issue.path ?? []).map((p) => p.key as string | number);
  const unknownKey = issue.path?.at(-1)?.origin === "key";
  if (!unknownKey) return fail(valueAt(doc.contents, path), issue.message, describe(issue.input));
  const known = path.length > 1 ? nodeKeys : topologyKeys;
  return fail(keyAt(doc.contents, path), `one of ${known.join(", ")}`, JSON.stringify(path.at(-1)));
};

/** Aliases are followed only now: one without an anchor, or a bomb of them, shows here. */
const plainOf = (doc: Yaml, fail: (offset: number, want: string, got: string) => never): unknown => {
  try {
    return doc.toJS();
  } catch (error) {
    return fail(0, "YAML", (error as Error).message);
  }
};

const describe = (input: unknown): string =>
  input !== null && typeof input === "object" ? (Array.isArray(input) ? "a list" : "a map") : JSON.stringify(input);

const child = (node: unknown, key: string | number): Node | undefined =>
  isCollection(node) ? (node.get(key, true) as Node | undefined) : undefined;

const offsetOf = (node: unknown): number => (node as Node | undefined)?.range?.[0] ?? 0;

const valueAt = (root: unknown, path: Path): number => {
  let node = root;
  for (const key of path) node = child(node, key) ?? node;
  return offsetOf(node);
};

const keyAt = (root: unknown, path: Path): number => {
  let node = root;
  for (const key of path.slice(0, -1)) node = child(node, key) ?? node;
  const pair = isMap(node) ? node.items.find((p) => isScalar(p.key) && p.key.value === path.at(-1)) : undefined;
  return offsetOf(pair?.key ?? node);
};
