/** What `podwire node show` does once its words are known. */
import { FaultError } from "../../../base/fault.ts";
import { nearest } from "../../../base/nearest.ts";
import { openKernel } from "../../../net/kernel.ts";
import { type AnyNoun, isNoun, type NounName, nounNames, nouns } from "../../../node/show/nouns/registry.ts";
import { parseShow, type ShowOptions } from "../../../node/show/parse.ts";
import { show } from "../../../node/show/show.ts";
import type { Io } from "../../cli/io.ts";

export interface Wanted extends ReturnType<typeof parseShow> {
  readonly noun: AnyNoun;
}

/** @throws FaultError */
export const wantedOf = async (word: string, words: readonly string[], options: ShowOptions): Promise<Wanted> => {
  if (!isNoun(word)) throw noNoun(word);
  return { noun: await nouns[word](), ...parseShow(word, words, options) };
};

/** Once; to follow changes is another matter, and loads more. @throws FaultError */
export const runShow = async (io: Io, { noun, asked, where, form }: Wanted): Promise<number> => {
  using kernel = openKernel();
  const { out, notes } = await show(kernel, noun, asked, where, form);
  io.out(out);
  for (const note of notes) io.err(`${note}\n`);
  return 0;
};

/** What ip, ss and others call it. */
const called: Readonly<Record<string, NounName>> = {
  interfaces: "links",
  neigh: "neighbours",
  neighbors: "neighbours",
  arp: "neighbours",
  sockets: "listeners",
};

const noNoun = (word: string): FaultError => {
  // A beginning, as ip takes them: addr, l, ru.
  const begun = nounNames.filter((noun) => noun.startsWith(word));
  const near =
    word === "ports"
      ? "podwire node ports"
      : (called[word] ?? (begun.length === 1 ? begun[0] : nearest(word, nounNames)));
  return new FaultError({
    kind: "bad-value",
    what: "podwire node show",
    got: word,
    want: `one of ${nounNames.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`,
  });
};
