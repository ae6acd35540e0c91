import { expect, test } from "bun:test";
import { wrapText } from "./wrap.ts";

test("lines are as full as they can be, and a long word is not broken", () => {
  expect(wrapText("one two three four", 9)).toEqual(["one two", "three", "four"]);
  expect(wrapText("a incomprehensibilities b", 5)).toEqual(["a", "incomprehensibilities", "b"]);
  expect(wrapText("", 5)).toEqual([""]);
});

test("Hangul takes two columns", () => {
  expect(wrapText("노드 이름 확인", 9)).toEqual(["노드 이름", "확인"]);
});
