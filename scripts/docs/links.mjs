/** Links between the repository's pages: the file is there, and the heading in it. Links to elsewhere are not followed. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { root } from "../words.mjs";

const withoutCode = (page) => page.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");

const anchorsOf = (page) =>
  [...page.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => anchorOf(heading));

const trouble = (file, target) => {
  const [path, anchor] = target.split("#");
  const there = path === "" ? file : normalize(join(dirname(file), decodeURIComponent(path)));
  if (!existsSync(join(root, there))) return `there is no ${there}`;
  if (anchor === undefined || !there.endsWith(".md")) return undefined;
  const known = anchorsOf(readFileSync(join(root, there), "utf8"));
  return known.includes(decodeURIComponent(anchor)) ? undefined : `${there} has no heading #${anchor}`;
};

/** What is wrong with the links of these pages, in words. */
export const brokenLinks = (files) =>
  files.flatMap((file) =>
    [...withoutCode(readFileSync(join(root, file), "utf8")).matchAll(/\]\(([^()\s]+)\)/g)]
      .map(([, target]) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .flatMap((target) => {
        const why = trouble(file, target);
        return why ? [`${file}: link to ${target}: ${why}`] : [];
      }),
  );
