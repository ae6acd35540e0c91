/** Columns that text takes on a terminal: Hangul, Kana, Han and full-width forms take two (Unicode UAX 11), marks none. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];
const nothing = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;

const widthOf = (char: string): 0 | 1 | 2 => {
  const code = char.codePointAt(0)!;
  if (code < 0x300) return code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : 1;
  if (wide.some(([from, to]) => code >= from && code <= to)) return 2;
  // Vowels and finals of decomposed Hangul are drawn into the syllable that they follow.
  return (code >= 0x1160 && code <= 0x11ff) || nothing.test(char) ? 0 : 1;
};

export const displayWidth = (text: string): number => {
  let width = 0;
  for (const char of text) width += widthOf(char);
  return width;
};

/** Blanks up to `width` columns; longer text stays as it is. */
export const padDisplay = (text: string, width: number, side: "end" | "start" = "end"): string => {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return side === "end" ? text + blanks : blanks + text;
};
