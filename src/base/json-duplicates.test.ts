import { expect, test } from "bun:test";
import { duplicateKeys } from "./json-duplicates.ts";

test("a key that stands twice in one object is found, with the place where it counts", () => {
  const text = `{"name": "a", "name": "b", "plugins": [{"mtu": 1}, {
  "mtu": 1, "ipam": {"type": "x", "type": "{\\"type\\":1}"},
  "mtu": 2, "mtu": 3}]}`;
  expect(duplicateKeys(text)).toEqual([
    { path: "name", place: { line: 1, column: 15 } },
    { path: "plugins[1].ipam.type", place: { line: 2, column: 35 } },
    { path: "plugins[1].mtu", place: { line: 3, column: 13 } },
  ]);
});

test("the same key in several objects is none, nor is one in a string", () => {
  expect(duplicateKeys('{"a": {"b": 1}, "c": [{"b": 1}, {"b": "\\"b\\":1,\\"b\\":2"}]}')).toEqual([]);
  expect(duplicateKeys("5")).toEqual([]);
});
