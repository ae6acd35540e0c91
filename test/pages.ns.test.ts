/** The pages' commands, run in order in a throwaway namespace: each prints what the page says. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const commandsOf = (page: string): string[] => readFileSync(join(root, page), "utf8").match(/^\$ .*$/gm) ?? [];

const pages = ["README.md", ...new Bun.Glob("docs/**/*.md").scanSync(root)]
  .filter((page) => readFileSync(join(root, page), "utf8").includes("\n```console\n"))
  .sort();

for (const page of pages)
  test(`every command in ${page} prints what the page says`, async () => {
    const asked = [process.execPath, join(root, "scripts/docs.mjs"), "--compare", page];
    const run = Bun.spawn(asked, { cwd: root, stdout: "pipe", stderr: "pipe" });
    const said = (await new Response(run.stdout).text()) + (await new Response(run.stderr).text());
    expect({ exit: await run.exited, said }).toEqual({ exit: 0, said: "" });
  });

test("the Korean guide runs the commands of the English one, in its order", () => {
  expect(commandsOf("docs/guide.md").length).toBeGreaterThan(50);
  expect(commandsOf("docs/ko/guide.md")).toEqual(commandsOf("docs/guide.md"));
});
