/** The nouns of `podwire node show`, each loaded when it is asked for. */
import type { Noun } from "../noun.ts";

/** What a noun is made of is its own affair. */
export type AnyNoun = Noun<object, object>;
const any = <R extends object, L extends object>(noun: Noun<R, L>): AnyNoun => noun as unknown as AnyNoun;

export const nouns = {
  links: async () => any((await import("./links.ts")).links),
  addresses: async () => any((await import("./addresses.ts")).addresses),
  routes: async () => any((await import("./routes.ts")).routes),
  listeners: async () => any((await import("./listeners.ts")).listeners),
  neighbours: async () => any((await import("./neighbours.ts")).neighbours),
  rules: async () => any((await import("./rules.ts")).rules),
} as const satisfies Readonly<Record<string, () => Promise<AnyNoun>>>;
export type NounName = keyof typeof nouns;
export const nounNames = Object.keys(nouns) as NounName[];
export const isNoun = (word: string): word is NounName => Object.hasOwn(nouns, word);
