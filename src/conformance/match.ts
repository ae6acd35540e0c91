/** Patterns against values: what must be there, what may be, and where it differs. Pure. */

export interface Difference {
  /** Such as `ips[0].address`; empty for the whole. */
  readonly at: string;
  readonly want: string;
  readonly got: string;
}

const isMap = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);

const LONGEST = 400;
/** A value as one line of JSON, cut when it is long. */
export const shown = (value: unknown): string => {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
};

const below = (at: string, key: string | number): string =>
  typeof key === "number" ? `${at}[${key}]` : at === "" ? key : `${at}.${key}`;

const words: Readonly<Record<string, (got: unknown) => boolean>> = {
  "<any>": (got) => got !== undefined && got !== null,
  "<absent>": (got) => got === undefined,
  "<string>": (got) => typeof got === "string" && got !== "",
  "<number>": (got) => typeof got === "number",
};

const isRegex = (text: string): boolean => text.length > 2 && text.startsWith("/") && text.endsWith("/");

const scalarFits = (want: unknown, got: unknown): boolean => {
  if (typeof want === "string") {
    const word = words[want];
    if (word) return word(got);
    if (isRegex(want)) return typeof got === "string" && new RegExp(want.slice(1, -1)).test(got);
  }
  // A variable is a text also where the value is a number.
  return want === got || (typeof want === "string" && typeof got === "number" && want === String(got));
};

/** Every difference between a value and its pattern; none when it fits. */
export const differences = (want: unknown, got: unknown, at = ""): Difference[] => {
  const fail = (): Difference[] => [{ at, want: shown(want), got: shown(got) }];
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length) return fail();
    return want.flatMap((w, i) => differences(w, got[i], below(at, i)));
  }
  if (!isMap(want)) return scalarFits(want, got) ? [] : fail();
  const lists = ["<some>", "<none>", "<count>"].filter((key) => key in want);
  if (lists.length > 0) return Array.isArray(got) ? listDifferences(want, got, at) : fail();
  if (!isMap(got)) return fail();
  return Object.entries(want).flatMap(([key, w]) => differences(w, got[key], below(at, key)));
};

export const fits = (want: unknown, got: unknown): boolean => differences(want, got).length === 0;

const patternsOf = (x: unknown): readonly unknown[] => (Array.isArray(x) ? x : x === undefined ? [] : [x]);

const listDifferences = (want: Record<string, unknown>, got: readonly unknown[], at: string): Difference[] => [
  ...missing(patternsOf(want["<some>"]), got, at),
  ...present(patternsOf(want["<none>"]), got, at),
  ...("<count>" in want && want["<count>"] !== got.length
    ? [{ at, want: `${want["<count>"]} items`, got: `${got.length} items: ${shown(got)}` }]
    : []),
];

/** Patterns that no item fits. */
export const missing = (want: readonly unknown[], got: readonly unknown[], at: string): Difference[] =>
  want.flatMap((w) =>
    got.some((g) => fits(w, g)) ? [] : [{ at, want: `one like ${shown(w)}`, got: closest(w, got) }],
  );

/** Patterns that some item fits. */
export const present = (want: readonly unknown[], got: readonly unknown[], at: string): Difference[] =>
  want.flatMap((w) => {
    const found = got.find((g) => fits(w, g));
    return found === undefined ? [] : [{ at, want: `none like ${shown(w)}`, got: shown(asked(w, found)) }];
  });

/** Of many items the one that differs least is worth telling, by just the keys that were asked for. */
const closest = (want: unknown, got: readonly unknown[]): string => {
  if (got.length === 0) return "none at all";
  if (!isMap(want)) return shown(got);
  const off = (g: unknown): number => differences(want, g).length;
  const best = got.reduce((a, b) => (off(b) < off(a) ? b : a));
  return `${got.length === 1 ? "only" : "closest"} ${shown(asked(want, best))}`;
};

/** Of an item just the keys that a pattern asks for, and its name. */
const asked = (want: unknown, got: unknown): unknown => {
  if (!isMap(want) || !isMap(got)) return got;
  const keys = new Set([...Object.keys(got).filter((key) => ["ifname", "dev"].includes(key)), ...Object.keys(want)]);
  return Object.fromEntries([...keys].map((key) => [key, got[key] ?? null]));
};

/** The value at a path such as `ips[0].address`; undefined when there is none. */
export const valueAt = (value: unknown, path: string): unknown =>
  path
    .split(/[.[\]]+/)
    .filter((key) => key !== "")
    .reduce<unknown>(
      (x, key) => (typeof x === "object" && x !== null ? (x as Record<string, unknown>)[key] : undefined),
      value,
    );
