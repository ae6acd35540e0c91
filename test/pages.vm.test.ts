/** The commands of pages that need of the kernel what the machine's may lack. */
import { expect, test } from "bun:test";
import { compare, pages } from "./pages/compare.ts";

for (const { path } of pages.filter((page) => page.needs))
  test(`every command in ${path} prints what the page says`, async () => {
    expect(await compare(path)).toEqual({ exit: 0, said: "" });
  });
