/** Text in terminal columns: Korean, Chinese and Japanese characters take two. */

/** Columns that a text takes. */
export const textWidth = (text: string): number => Bun.stringWidth(text);

/** Blanks up to `columns`. */
export const pad = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - textWidth(text)));

/** Cut to `columns`, with an ellipsis where something went. */
export const fit = (text: string, columns: number): string => {
  if (textWidth(text) <= columns) return text;
  let out = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (textWidth(out + segment) > columns - 1) break;
    out += segment;
  }
  return `${out}…`;
};
