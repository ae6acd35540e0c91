/** Versions of the CNI spec: reading, ordering, and which verbs each one has. */
import { FaultError } from "../../base/fault.ts";
import { type CniVersion, cniVersions, type Verb } from "./types.ts";

/** The newest version we speak. */
export const newestVersion = cniVersions[cniVersions.length - 1]!;

export const isCniVersion = (text: string): text is CniVersion => (cniVersions as readonly string[]).includes(text);

/** One to nine digits. */
const isNumber = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (!(text[i]! >= "0" && text[i]! <= "9")) return false;
  return text.length >= 1 && text.length <= 9;
};

/** Three whole numbers from one to three dotted parts; an absent version is 0.1.0. @throws FaultError version */
export const parseVersion = (text: string): readonly [number, number, number] => {
  const parts = (text === "" ? "0.1.0" : text).split(".");
  if (parts.length > 3 || !parts.every(isNumber))
    throw new FaultError({
      kind: "version",
      got: text,
      supported: cniVersions,
      why: "not a CNI version: expected one to three numbers with dots between",
    });
  return [Number(parts[0]), Number(parts[1] ?? 0), Number(parts[2] ?? 0)];
};

/** Below zero, zero or above, as a comes before, with or after b. @throws FaultError version */
export const compareVersions = (a: string, b: string): number => {
  const x = parseVersion(a);
  const y = parseVersion(b);
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
};

export const atLeast = (version: string, least: CniVersion): boolean => compareVersions(version, least) >= 0;

/**
 * The version a config means: the empty string is 0.1.0, anything else has to be in `supported` letter for letter.
 * @throws FaultError version
 */
export const supportedVersion = (text: string, supported: readonly CniVersion[] = cniVersions): CniVersion => {
  const version = text === "" ? "0.1.0" : text;
  if (!isCniVersion(version) || !supported.includes(version))
    throw new FaultError({ kind: "version", got: text, supported });
  return version;
};

/** The version that brought each verb (spec, change lists of 0.2.0, 0.4.0 and 1.1.0). */
export const verbSince = {
  ADD: "0.1.0",
  DEL: "0.1.0",
  VERSION: "0.2.0",
  CHECK: "0.4.0",
  GC: "1.1.0",
  STATUS: "1.1.0",
} as const satisfies Record<Verb, CniVersion>;

export const isVerb = (text: string): text is Verb => Object.hasOwn(verbSince, text);
export const hasVerb = (version: CniVersion, verb: Verb): boolean => atLeast(version, verbSince[verb]);
export const verbsOf = (version: CniVersion): readonly Verb[] =>
  (Object.keys(verbSince) as Verb[]).filter((verb) => hasVerb(version, verb));
