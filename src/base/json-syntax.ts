/**
 * A JSON parser (RFC 8259) for the two cases the built-in one cannot serve: integers beyond 2^53, kept as bigint, and
 * mistakes, reported with line, column, what was expected and what stood there. Everything else goes through `json.ts`.
 */
import { FaultError } from "./fault.ts";
import type { Json } from "./json-types.ts";

/** Deeper nesting is refused rather than left to overflow the stack. */
export const maxDepth = 1000;

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const blank = /[ \t\n\r]*/y;
const word = /[A-Za-z_$][\w$-]*/y;
const hex4 = /^[0-9a-fA-F]{4}$/;
const words: Readonly<Record<string, Json>> = { null: null, true: true, false: false };
const comments = "JSON has no comments";

/** @throws FaultError bad-syntax, naming `file`. */
export const parseStrictly = (text: string, file: string): Json => {
  let at = 0;

  const fail = (want: string, got = seen(text, at)): never => {
    const before = text.slice(0, at);
    const line = before.split("\n").length;
    const column = [...before.slice(before.lastIndexOf("\n") + 1)].length + 1;
    throw new FaultError({ kind: "bad-syntax", file, line, column, want, got });
  };

  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? "";
  };
  const skipBlank = (): void => {
    at += match(blank).length;
  };

  const parseString = (): string => {
    const start = at++;
    for (;;) {
      const c = text[at];
      if (c === '"') break;
      if (c === undefined || c === "\n" || c === "\r") return fail('a closing "');
      if (c < " ") return fail("an escape such as \\t in place of a control character");
      if (c === "\\") {
        const e = text[at + 1];
        const good = e === "u" ? hex4.test(text.slice(at + 2, at + 6)) : e !== undefined && '"\\/bfnrt'.includes(e);
        if (!good)
          return fail('an escape: \\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hex digits', text.slice(at, at + 2));
        at++;
      }
      at++;
    }
    at++;
    return JSON.parse(text.slice(start, at)) as string;
  };

  const parseNumber = (want: string): number | bigint => {
    const digits = match(number);
    if (digits === "") return fail(want);
    const value = Number(digits);
    if (!Number.isFinite(value)) return fail("a number that fits a double", digits);
    at += digits.length;
    if (/[\w.+]/.test(text[at] ?? "")) {
      at -= digits.length;
      return fail("a number such as 42 or 1.5e3");
    }
    return Number.isSafeInteger(value) || /[.eE]/.test(digits) ? value : BigInt(digits);
  };

  const parseObject = (depth: number): Json => {
    const out: Record<string, Json> = {};
    at++;
    skipBlank();
    if (text[at] === "}") at++;
    else
      for (let want = 'a key in double quotes or "}"'; ; want = "a key in double quotes after the comma") {
        skipBlank();
        if (text[at] !== '"') return fail(want);
        const key = parseString();
        skipBlank();
        if (text[at] !== ":") return fail(`":" after the key ${JSON.stringify(key)}`);
        at++;
        // Plain assignment would set the prototype.
        Object.defineProperty(out, key, {
          value: parseValue(depth + 1, `a value for ${JSON.stringify(key)}`),
          writable: true,
          enumerable: true,
          configurable: true,
        });
        skipBlank();
        const c = text[at];
        if (c !== "," && c !== "}") return fail('"," or "}"');
        at++;
        if (c === "}") break;
      }
    return out;
  };

  const parseArray = (depth: number): Json => {
    const out: Json[] = [];
    at++;
    skipBlank();
    if (text[at] === "]") at++;
    else
      for (let want = 'a value or "]"'; ; want = "a value after the comma") {
        out.push(parseValue(depth + 1, want));
        skipBlank();
        const c = text[at];
        if (c !== "," && c !== "]") return fail('"," or "]"');
        at++;
        if (c === "]") break;
      }
    return out;
  };

  const parseValue = (depth: number, want: string): Json => {
    if (depth > maxDepth) return fail(`at most ${maxDepth} levels of nesting`);
    skipBlank();
    const c = text[at];
    if (c === '"') return parseString();
    if (c === "{") return parseObject(depth);
    if (c === "[") return parseArray(depth);
    const name = match(word);
    if (name === "") return parseNumber(want);
    if (!Object.hasOwn(words, name)) return fail(want);
    at += name.length;
    return words[name] as Json;
  };

  const value = parseValue(1, "a JSON value");
  skipBlank();
  if (at < text.length) return fail("the end of the text");
  return value;
};

/** What stands at `at`, in a person's words. */
const seen = (text: string, at: number): string => {
  const c = text[at];
  if (c === undefined) return "the end of the text";
  if (c === "\n" || c === "\r") return "the end of the line";
  if (c === "'") return "a single quote: JSON strings take double quotes";
  if (c === "#" || text.startsWith("//", at) || text.startsWith("/*", at)) return `a comment: ${comments}`;
  if (c === "\ufeff") return "a byte order mark: save the file without one";
  word.lastIndex = at;
  const name = word.exec(text)?.[0];
  if (name) return name;
  const run = /^[-+.\w]+/.exec(text.slice(at, at + 40))?.[0];
  return run ?? JSON.stringify(String.fromCodePoint(text.codePointAt(at)!));
};
