/** Where in a JSON text the value of a path such as `plugins[0].ipam.subnet` stands, for messages about its meaning. */

export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in letters. */
  readonly column: number;
}

const token = /[ \t\n\r]*("(?:[^"\\]|\\.)*"|[{}[\],:]|[^{}[\],:" \t\n\r]+)/y;

/** Tokens of a text that parses, with where each begins. */
export const tokensOf = (text: string): { at: number; text: string }[] => {
  const found: { at: number; text: string }[] = [];
  token.lastIndex = 0;
  for (let m = token.exec(text); m; m = token.exec(text))
    found.push({ at: token.lastIndex - m[1]!.length, text: m[1]! });
  return found;
};

const segments = (path: string): (string | number)[] =>
  [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map((m) => (m[2] === undefined ? m[1]! : Number(m[2])));

/** The place of the value, or of the nearest thing around it that is there. `text` has to be valid JSON. */
export const locate = (text: string, path: string): Place => {
  const tokens = tokensOf(text);
  const wanted = segments(path);
  let best = tokens[0]?.at ?? 0;
  let depth = 0;
  let i = 0;

  /** Walks one value; `left` are the segments still to go, undefined off the path. */
  const walk = (left: readonly (string | number)[] | undefined): void => {
    const opening = tokens[i++];
    if (!opening) return;
    if (left && wanted.length - left.length >= depth) {
      depth = wanted.length - left.length;
      best = opening.at;
    }
    if (opening.text !== "{" && opening.text !== "[") return;
    for (let n = 0; tokens[i] && tokens[i]!.text !== "}" && tokens[i]!.text !== "]"; n++) {
      let here: string | number = n;
      if (opening.text === "{") {
        here = JSON.parse(tokens[i]!.text) as string;
        i += 2; // the key and its colon
      }
      walk(left && left.length > 0 && same(left[0]!, here) ? left.slice(1) : undefined);
      if (tokens[i]?.text === ",") i++;
    }
    i++;
  };
  walk(wanted);
  return placeAt(text, best);
};

export const placeAt = (text: string, at: number): Place => {
  const before = text.slice(0, at);
  return {
    line: before.split("\n").length,
    column: [...before.slice(before.lastIndexOf("\n") + 1)].length + 1,
  };
};

const same = (wanted: string | number, here: string | number): boolean =>
  String(wanted).toLowerCase() === String(here).toLowerCase();
