/** The pages' commands, run in order in a throwaway namespace: each prints what the page says. */
import { expect, test } from "bun:test";
import { skipUnless } from "../src/kernel/testing/skip.ts";
import { compare, pages, readPage } from "./pages/compare.ts";

for (const { path, needs } of pages)
  (needs ? skipUnless(needs) : test)(`every command in ${path} prints what the page says`, async () => {
    expect(await compare(path)).toEqual({ exit: 0, said: "" });
  });

const commandsOf = (page: string): string[] => readPage(page).match(/^\$ .*$/gm) ?? [];

test("the Korean guide runs the commands of the English one, in its order", () => {
  expect(commandsOf("docs/guide.md").length).toBeGreaterThan(50);
  expect(commandsOf("docs/ko/guide.md")).toEqual(commandsOf("docs/guide.md"));
});
