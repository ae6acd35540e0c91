/** Text that has to fit into terminal columns. */
import { displayWidth } from "../../base/display-width.ts";

/** Cut to `columns`, with an ellipsis where something went. */
export const fit = (text: string, columns: number): string => {
  if (displayWidth(text) <= columns) return text;
  let out = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (displayWidth(out + segment) > columns - 1) break;
    out += segment;
  }
  return `${out}…`;
};

/** Broken at blanks into lines of at most `columns`; the last of `lines` is cut. */
export const wrap = (text: string, columns: number, lines: number): string[] => {
  const out: string[] = [""];
  for (const word of text.split(" ")) {
    const last = out.at(-1)!;
    const longer = last === "" ? word : `${last} ${word}`;
    if (displayWidth(longer) <= columns || last === "" || out.length === lines) out[out.length - 1] = longer;
    else out.push(word);
  }
  return out.map((l) => fit(l, columns));
};
