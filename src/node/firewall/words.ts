/** Lines as a person would type them. */
import { quote } from "../../net/plan/quote.ts";

/** For a shell; a word that is quoted already, as nft wants comments, is quoted once more. */
export const shellLine = (words: readonly string[]): string => words.map(quote).join(" ");

/** Told of each line before it is carried out. */
export type Explain = (line: string) => void;
