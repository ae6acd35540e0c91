import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { FaultError } from "./fault.ts";
import { parseJson, stringifyJson } from "./json.ts";
import { maxDepth } from "./json-syntax.ts";
import type { Json } from "./json-types.ts";

/** Text that only the careful parser can serve, with `text` inside. */
const careful = (text: string): Json => (parseJson(`[${text},9007199254740993]`, "t") as Json[])[0]!;
/** With big integers rounded, as the built-in parser has them. */
const rounded = (value: Json): unknown =>
  JSON.parse(JSON.stringify(value, (_, v: unknown) => (typeof v === "bigint" ? Number(v) : v)));
const builtIn = (text: string): unknown => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return "refused";
  }
};
const ours = (text: string): unknown => {
  try {
    return { value: parseJson(text, "t") };
  } catch (error) {
    expect((error as FaultError).fault.kind).toBe("bad-syntax");
    return "refused";
  }
};

test("integers beyond 2^53 keep every digit in both directions", () => {
  const text = '{"rate":18446744073709551615,"less":-9007199254740993,"list":[9007199254740992]}';
  expect(parseJson(text, "t")).toEqual({
    rate: 18446744073709551615n,
    less: -9007199254740993n,
    list: [9007199254740992n],
  });
  expect(stringifyJson(parseJson(text, "t"))).toBe(text);
});

test("integers up to 2^53 stay numbers", () => {
  expect(parseJson("[9007199254740991,-9007199254740991]", "t")).toEqual([9007199254740991, -9007199254740991]);
});

test("digits in a string do not turn into numbers", () => {
  expect(parseJson('{"id":"12345678901234567890"}', "t")).toEqual({ id: "12345678901234567890" });
});

test("a number too great for a double is refused, not turned into infinity", () => {
  expect(() => parseJson("[1e400]", "t")).toThrow("a number that fits a double");
});

test("a key named __proto__ is a key like any other", () => {
  const value = careful('{"__proto__":{"x":1}}');
  expect(Object.keys(value as object)).toEqual(["__proto__"]);
  expect((value as { x?: number }).x).toBeUndefined();
});

test("the careful parser reads whatever JSON.stringify writes", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(rounded(careful(text))).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test("what JSON.stringify writes without bigints is what we write", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 2, 4), (value, indent) => {
      expect(stringifyJson(value as Json, indent)).toBe(JSON.stringify(value, null, indent));
    }),
  );
});

test("damaged text is taken or refused just as the built-in parser does", () => {
  const pieces = fc.constantFrom(..."{}[],:\"'\\/0123456789.eE+-tfn \n\tu\u0001é#".split(""), "true", "null", '"a":');
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 2 }), fc.nat(), fc.nat(2), pieces, (value, where, cut, piece) => {
      const text = JSON.stringify(value);
      const at = where % (text.length + 1);
      const damaged = text.slice(0, at) + piece + text.slice(at + cut);
      fc.pre(!/\d{16}|[eE]\+?\d{3}/.test(damaged));
      expect(ours(damaged)).toEqual(builtIn(damaged) as never);
      // The same through the careful parser alone.
      expect(ours(`[${damaged}\n,9007199254740993]`) === "refused").toBe(builtIn(`[${damaged}\n,1]`) === "refused");
    }),
    { numRuns: 3000 },
  );
});

test("nesting deeper than the limit is refused instead of overflowing the stack", () => {
  const deep = "[".repeat(200_000);
  expect(() => parseJson(deep, "t")).toThrow(`at most ${maxDepth} levels`);
});

describe("a mistake is reported with its place, what was expected and what stood there", () => {
  const cases: readonly [name: string, text: string, line: number, column: number, want: string, got: string][] = [
    ["a trailing comma in an object", '{\n  "a": 1,\n}', 3, 1, "a key in double quotes after the comma", '"}"'],
    ["a trailing comma in a list", "[1,]", 1, 4, "a value after the comma", '"]"'],
    ["a missing comma", '{"a": 1\n "b": 2}', 2, 2, '"," or "}"', '"\\""'],
    ["a missing closing quote", '{"name: 1,\n"b": 2}', 1, 11, 'a closing "', "the end of the line"],
    [
      "single quotes",
      "{'a': 1}",
      1,
      2,
      'a key in double quotes or "}"',
      "a single quote: JSON strings take double quotes",
    ],
    ["a bare key", "{name: 1}", 1, 2, 'a key in double quotes or "}"', "name"],
    ["a line comment", '{\n// no\n"a": 1}', 2, 1, 'a key in double quotes or "}"', "a comment: JSON has no comments"],
    ["a hash comment", '{"a": # no\n1}', 1, 7, 'a value for "a"', "a comment: JSON has no comments"],
    ["a text cut short", '{"a": [1, 2', 1, 12, '"," or "]"', "the end of the text"],
    ["an empty text", "", 1, 1, "a JSON value", "the end of the text"],
    ["a missing colon", '{"a" 1}', 1, 6, '":" after the key "a"', "1"],
    ["Python's True", '{"a": True}', 1, 7, 'a value for "a"', "True"],
    ["something after the end", "{} {}", 1, 4, "the end of the text", '"{"'],
    ["a leading zero", '{"a": 010}', 1, 7, "a number such as 42 or 1.5e3", "010"],
    ["a hexadecimal number", '{"a": 0x10}', 1, 7, "a number such as 42 or 1.5e3", "0x10"],
    ["a tab inside a string", '{"a": "x\ty"}', 1, 9, "an escape such as \\t in place of a control character", '"\\t"'],
    ["a byte order mark", "\ufeff{}", 1, 1, "a JSON value", "a byte order mark: save the file without one"],
    ["columns count letters, not UTF-16 units", '{"😀": }', 1, 7, 'a value for "😀"', '"}"'],
  ];
  for (const [name, text, line, column, want, got] of cases)
    test(name, () => {
      try {
        parseJson(text, "10-net.conflist");
        throw new Error("accepted");
      } catch (error) {
        expect((error as FaultError).fault).toEqual({
          kind: "bad-syntax",
          file: "10-net.conflist",
          line,
          column,
          want,
          got,
        });
      }
    });
});
