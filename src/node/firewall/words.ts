/** Lines as a person would type them. */

const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`);

/** For a shell; a word that is quoted already, as nft wants comments, is quoted once more. */
export const shellLine = (words: readonly string[]): string => words.map(shellWord).join(" ");

/** Told of each line before it is carried out. */
export type Explain = (line: string) => void;
