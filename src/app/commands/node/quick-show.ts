/**
 * The short way to `podwire node show` in its plain forms, past the parser of the command line, which takes longer to load
 * than a thousand links to read. What is not plain (help, changes, mistakes) goes the long way, with the same outcome.
 */
import { isNoun } from "../../../node/show/nouns/registry.ts";
import type { ShowOptions } from "../../../node/show/parse.ts";
import { runShow, wantedOf } from "./run-show.ts";

const valued = {
  "-o": "output",
  "--output": "output",
  "--family": "family",
  "--table": "table",
  "--netns": "netns",
} as const;
const flags = {
  "-d": "details",
  "--details": "details",
  "-A": "allNamespaces",
  "--all-namespaces": "allNamespaces",
} as const;
const choices: Readonly<Record<string, readonly string[]>> = { output: ["table", "wide", "json"], family: ["4", "6"] };

const isValued = (word: string): word is keyof typeof valued => Object.hasOwn(valued, word);
const isFlag = (word: string): word is keyof typeof flags => Object.hasOwn(flags, word);

export interface QuickShow {
  readonly noun: string;
  readonly words: readonly string[];
  readonly options: ShowOptions;
}

/** Undefined for what is not plain. */
export const quickWords = (argv: readonly string[]): QuickShow | undefined => {
  const words: string[] = [];
  const options: Record<string, string | boolean> = {};
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (isFlag(word)) options[flags[word]] = true;
    else if (isValued(word)) {
      const value = argv[++i];
      const name = valued[word];
      if (value === undefined || value.startsWith("-") || !(choices[name]?.includes(value) ?? true)) return undefined;
      options[name] = value;
    } else if (word.startsWith("-")) return undefined;
    else words.push(word);
  }
  const [noun, ...rest] = words;
  return noun !== undefined && isNoun(noun) ? { noun, words: rest, options } : undefined;
};

/** Gives whether it is done. Nothing was written when it is not. */
export const quickShow = async (
  argv: readonly string[],
  write: (fd: number, text: string) => void,
): Promise<boolean> => {
  const plain = quickWords(argv);
  if (!plain) return false;
  const words: string[] = [];
  const out: string[] = [];
  const io = {
    env: {},
    tty: false,
    progress: false,
    columns: 100,
    color: false,
    out: (text: string) => void out.push(text),
    err: (text: string) => void words.push(text),
  };
  try {
    await runShow(io, await wantedOf(plain.noun, plain.words, plain.options));
  } catch {
    return false; // the long way says what is wrong
  }
  for (const text of out) write(1, text);
  for (const text of words) write(2, text);
  return true;
};
