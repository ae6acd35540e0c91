/** The border between the version-free `Result` and the JSON of each spec version: reading one and writing another converts. */
import { stringifyJson } from "../../base/json.ts";
import { reader } from "../../base/json-read.ts";
import type { Json, JsonObject } from "../../base/json-types.ts";
import { decode020, encode020 } from "./result-020.ts";
import { decode030, encode030 } from "./result-030.ts";
import type { CniVersion, Result } from "./types.ts";
import { atLeast, supportedVersion } from "./version.ts";

export const emptyResult: Result = { interfaces: [], ips: [], routes: [], dns: {} };

/** @throws FaultError version when the version's shape cannot hold the result (0.1.0 and 0.2.0 need an address). */
export const encodeResult = (result: Result, version: CniVersion): JsonObject =>
  atLeast(version, "0.3.0") ? encode030(result, version) : encode020(result, version);

/**
 * Reads a result of any version. `fallback` is the config's version, meant when the result does not say its own;
 * null (what some plugins print) is an empty result. `at` is the path that faults show.
 * @throws FaultError version, bad-config, bad-value
 */
export const decodeResult = (json: Json, fallback: CniVersion, at = "result"): Result => {
  if (json === null) return emptyResult;
  const r = reader(json, at);
  const version = supportedVersion(r.string("cniVersion") || fallback);
  return atLeast(version, "0.3.0") ? decode030(r) : decode020(r);
};

/** The text a plugin prints. */
export const printResult = (encoded: JsonObject): string => stringifyJson(encoded, 4);
