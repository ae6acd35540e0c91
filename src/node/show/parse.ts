/** The words of `podwire node show` as they are typed; the command line's parser and the short way to it share them. */
import { FaultError } from "../../base/fault.ts";
import { nearest } from "../../base/nearest.ts";
import { namesIn, numberIn } from "./names.ts";
import type { ShowAsked } from "./noun.ts";
import type { NounName } from "./nouns/registry.ts";
import type { ShowForm, Where } from "./show.ts";

export interface ShowOptions {
  readonly output?: string;
  readonly family?: string;
  readonly table?: string;
  readonly details?: boolean;
  readonly netns?: string;
  readonly allNamespaces?: boolean;
  readonly watch?: boolean;
}

export const forms = ["table", "wide", "json"] as const satisfies readonly ShowForm[];
export const families = ["4", "6"] as const;
const MAIN = 254;

const tableOf = (text: string): number | undefined => {
  if (text === "all") return undefined;
  const number = numberIn("rt_tables", text);
  if (number !== undefined && number > 0 && number <= 0xffffffff) return number;
  const near = nearest(text, ["all", ...namesIn("rt_tables")]);
  throw new FaultError({
    kind: "bad-value",
    what: "--table",
    got: text,
    want: `all, a number, or a name such as main or local${near === undefined ? "" : `; did you mean ${near}?`}`,
  });
};

const notOf = (what: string, value: string, noun: NounName): FaultError =>
  new FaultError({
    kind: "bad-value",
    what,
    got: `${value} for ${noun}`,
    want:
      what === "--table" && noun === "rules"
        ? `a word: podwire node show rules ${value}`
        : `it left out: ${noun} have none`,
  });

/** @throws FaultError bad-value */
export const parseShow = (
  noun: NounName,
  words: readonly string[],
  o: ShowOptions,
): { asked: ShowAsked; where: Where; form: ShowForm } => {
  if (o.netns !== undefined && o.allNamespaces)
    throw new FaultError({
      kind: "bad-value",
      what: "--netns",
      got: `${o.netns} beside --all-namespaces`,
      want: "one of the two",
    });
  if (o.table !== undefined && noun !== "routes") throw notOf("--table", o.table, noun);
  if (o.family !== undefined && noun === "links") throw notOf("--family", o.family, noun);
  return {
    asked: {
      words,
      family: o.family === "4" ? 4 : o.family === "6" ? 6 : undefined,
      table: o.table === undefined ? MAIN : tableOf(o.table),
      details: o.details ?? false,
    },
    where: { netns: o.netns, all: o.allNamespaces },
    form: forms.find((form) => form === o.output) ?? "table",
  };
};
