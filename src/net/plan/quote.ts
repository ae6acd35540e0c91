/** Words for a shell. */

/** A value that someone else chose goes to a shell: in quotes unless harmless. */
export const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
