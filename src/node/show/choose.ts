/** Words after a noun: what they mean, and what may have been meant by one that means nothing. */
import { FaultError } from "../../base/fault.ts";
import { nearest } from "../../base/nearest.ts";
import type { Netns } from "../../net/kernel.ts";
import { readLinks } from "./links.ts";

export const meansNothing = (
  what: string,
  why: string,
  among: readonly string[],
  word: string,
  fix: string,
): FaultError => {
  const near = nearest(word, among);
  return new FaultError({
    kind: "not-found",
    what: `${what} ${word}`,
    why: `${why}${near === undefined ? "" : `; did you mean ${near}?`}`,
    fix,
  });
};

/** Every name that a link answers to. */
export const linkNames = (ns: Netns): string[] =>
  readLinks(ns, { of: "link" }, String).flatMap((l) => [l.ifname, ...(l.altnames ?? [])]);

export const noLink = (ns: Netns, word: string): FaultError =>
  meansNothing(
    "link",
    `there is no such device${ns.path ? ` in ${ns.path}` : ""}`,
    linkNames(ns),
    word,
    "podwire node show links",
  );

/** Rows that `means` finds for each word, in the rows' order; a word that finds none is asked about. */
export const chosen = <R>(
  rows: readonly R[],
  words: readonly string[],
  means: (row: R, word: string) => boolean,
  nothing: (word: string) => void,
): R[] => {
  for (const word of words) if (!rows.some((row) => means(row, word))) nothing(word);
  return rows.filter((row) => words.some((word) => means(row, word)));
};
