/** The pages with commands, and what each needs of the kernel; whether its commands still print what it says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Probe } from "../../src/kernel/probe/answer.ts";
import { probes } from "../../src/kernel/probe/registry.ts";

const root = join(import.meta.dir, "..", "..");
export const readPage = (page: string): string => readFileSync(join(root, page), "utf8");

export interface Page {
  readonly path: string;
  /** A line `<!-- needs kernel: NAME -->` names the probe. */
  readonly needs?: Probe;
}

const needsOf = (path: string): Probe | undefined => {
  const name = /^<!-- needs kernel: (.+) -->$/m.exec(readPage(path))?.[1];
  const found = probes.find((p) => p.name === name);
  if (name !== undefined && !found) throw new Error(`${path}: there is no probe ${name}`);
  return found;
};

export const pages: readonly Page[] = ["README.md", ...new Bun.Glob("docs/**/*.md").scanSync(root)]
  .filter((path) => readPage(path).includes("\n```console\n"))
  .sort()
  .map((path) => {
    const needs = needsOf(path);
    return { path, ...(needs && { needs }) };
  });

/** Exit code 0 and no word when the page is right. */
export const compare = async (page: string): Promise<{ exit: number; said: string }> => {
  const asked = [process.execPath, join(root, "scripts/docs.mjs"), "--compare", page];
  const run = Bun.spawn(asked, { cwd: root, stdout: "pipe", stderr: "pipe" });
  const said = (await new Response(run.stdout).text()) + (await new Response(run.stderr).text());
  return { exit: await run.exited, said };
};
