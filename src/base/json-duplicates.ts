/** Keys that stand twice in one object of a JSON text: the parser keeps the last and says nothing. */
import { type Place, placeAt, tokensOf } from "./json-locate.ts";
import { keyPath } from "./json-read.ts";

export interface Duplicate {
  /** Path of the key, as in `plugins[0].mtu`. */
  readonly path: string;
  /** Where it stands for the last time, and counts. */
  readonly place: Place;
}

/** `text` has to be valid JSON. */
export const duplicateKeys = (text: string): Duplicate[] => {
  const tokens = tokensOf(text);
  const found = new Map<string, number>();
  let i = 0;

  const walk = (path: string): void => {
    const opening = tokens[i++]?.text;
    if (opening !== "{" && opening !== "[") return;
    const seen = new Set<string>();
    for (let n = 0; tokens[i] && tokens[i]!.text !== "}" && tokens[i]!.text !== "]"; n++) {
      let inner = keyPath(path, n);
      if (opening === "{") {
        const { text: quoted, at } = tokens[i]!;
        const key = JSON.parse(quoted) as string;
        inner = keyPath(path, key);
        if (seen.has(key)) found.set(inner, at);
        seen.add(key);
        i += 2; // the key and its colon
      }
      walk(inner);
      if (tokens[i]?.text === ",") i++;
    }
    i++;
  };
  walk("");
  return [...found].map(([path, at]) => ({ path, place: placeAt(text, at) }));
};
