/** Text of others (names of programs, aliases) in a table: what would move the cursor or begin a line is a blank. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u001f\u007f-\u009f]+/g;
export const oneLine = (text: string): string => text.replace(controls, " ");
