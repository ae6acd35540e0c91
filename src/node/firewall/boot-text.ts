/**
 * Our part of a file that is loaded at boot, between two lines of comment. What else is in the file stays byte for byte,
 * also when our part goes again. Pure.
 */
const begin = "# podwire: begin";
const end = "# podwire: end";

/** A file that does not end in a line end gets one, which stands in our part and goes with it. */
export const withPart = (text: string, lines: readonly string[]): string => {
  const bare = withoutPart(text);
  const part = [begin, ...lines, end].join("\n");
  return bare === "" || bare.endsWith("\n") ? `${bare}${part}\n` : `${bare}\n${part}`;
};

export const withoutPart = (text: string): string => {
  const from = text.startsWith(begin) ? 0 : text.indexOf(`\n${begin}`) + 1;
  const to = text.indexOf(end, from);
  if ((from === 0 && !text.startsWith(begin)) || to < 0) return text;
  const [before, after] = [text.slice(0, from), text.slice(to + end.length)];
  if (after === "") return before.replace(/\n$/, "");
  return `${before}${after.replace(/^\n/, "")}`;
};
