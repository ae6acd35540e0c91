/**
 * Typed reading of a parsed JSON object, as Go's decoder does it, because that is what CNI configs are written for:
 * keys match whatever their case (an exact match wins), null is the same as absent, a wrong type is an error.
 */
import { FaultError } from "./fault.ts";
import type { Json, JsonObject } from "./json-types.ts";

/** Path of a key inside `at`: `ipam.ranges[0].subnet`. */
export const keyPath = (at: string, key: string | number): string =>
  typeof key === "number" ? `${at}[${key}]` : at === "" ? key : `${at}.${key}`;

export const badConfig = (at: string, why: string): FaultError => new FaultError({ kind: "bad-config", at, why });

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The spelling under which `key` stands in `raw`, or undefined. */
export const findKey = (raw: JsonObject, key: string): string | undefined => {
  if (Object.hasOwn(raw, key)) return key;
  const lower = key.toLowerCase();
  for (const k in raw) if (k.length === key.length && k.toLowerCase() === lower) return k;
  return undefined;
};

const typeName = (value: Json): string => {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "an object";
  if (typeof value === "string") return `the string ${JSON.stringify(value)}`;
  return String(value);
};

const mismatch = (at: string, want: string, got: Json): FaultError =>
  badConfig(at, `expected ${want}, got ${typeName(got)}`);

/** Every method gives undefined when the key is absent or null, and throws FaultError bad-config on a wrong type. */
export class Reader {
  readonly raw: JsonObject;
  readonly at: string;

  constructor(raw: JsonObject, at: string) {
    this.raw = raw;
    this.at = at;
  }

  /** Path of `key` for messages. */
  path(key: string): string {
    return keyPath(this.at, key);
  }

  /** The value as it stands. */
  value(key: string): Exclude<Json, null> | undefined {
    const name = findKey(this.raw, key);
    return name === undefined ? undefined : (this.raw[name] ?? undefined);
  }

  string(key: string): string | undefined {
    const v = this.value(key);
    if (v === undefined || typeof v === "string") return v;
    throw mismatch(this.path(key), "a string", v);
  }

  /** A string that has to be there and not be empty. */
  needString(key: string): string {
    return this.string(key) || this.#missing(key, "a string");
  }

  /** A whole number within `min` and `max` (both included); beyond 2^53 is refused, never rounded. */
  int(key: string, { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = {}): number | undefined {
    const v = this.value(key);
    if (v === undefined) return undefined;
    if (typeof v !== "bigint" && !Number.isInteger(v)) throw mismatch(this.path(key), "a whole number", v);
    if ((v as number | bigint) < min || (v as number | bigint) > max)
      throw badConfig(this.path(key), `expected a whole number from ${min} to ${max}, got ${v}`);
    return Number(v);
  }

  bool(key: string): boolean | undefined {
    const v = this.value(key);
    if (v === undefined || typeof v === "boolean") return v;
    throw mismatch(this.path(key), "true or false", v);
  }

  object(key: string): Reader | undefined {
    const v = this.value(key);
    return v === undefined ? undefined : reader(v, this.path(key));
  }

  array(key: string): readonly Json[] | undefined {
    const v = this.value(key);
    if (v === undefined || Array.isArray(v)) return v;
    throw mismatch(this.path(key), "a list", v);
  }

  strings(key: string): readonly string[] | undefined {
    return this.array(key)?.map((v, i) => {
      if (typeof v !== "string") throw mismatch(keyPath(this.path(key), i), "a string", v);
      return v;
    });
  }

  objects(key: string): readonly Reader[] | undefined {
    return this.array(key)?.map((v, i) => reader(v, keyPath(this.path(key), i)));
  }

  /** A string through a parser such as parseIp, parseCidr, parseMac; an empty string is the same as absent. */
  parsed<T>(key: string, parse: (text: string, what: string) => T): T | undefined {
    const text = this.string(key);
    return text ? parse(text, this.path(key)) : undefined;
  }

  needParsed<T>(key: string, parse: (text: string, what: string) => T): T {
    return parse(this.needString(key), this.path(key));
  }

  #missing(key: string, want: string): never {
    throw badConfig(this.path(key), `expected ${want}, got nothing`);
  }
}

/**
 * Reads `value`, which has to be an object; `at` is its path, empty for the top.
 * @throws FaultError bad-config when it is not an object.
 */
export const reader = (value: Json, at = ""): Reader => {
  if (isObject(value)) return new Reader(value, at);
  throw mismatch(at || "config", "an object", value);
};
