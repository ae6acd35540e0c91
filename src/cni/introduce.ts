/** What a plugin says of itself, from its face alone: its versions (VERSION), and a line for who names no command. */
import { parseJson, stringifyJson } from "../base/json.ts";
import { isObject, Reader } from "../base/json-read.ts";
import type { Json, JsonObject } from "../base/json-types.ts";
import type { Face } from "./plugin.ts";
import { compareVersions } from "./spec/version.ts";

export interface SkelOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** 0, or 1 with an error object on stdout. */
  readonly exit: number;
}

/** Stdin as JSON, or why it is not. */
export type GivenConfig =
  | { readonly json: Json; readonly error?: never }
  | { readonly json?: never; readonly error: unknown };

export const readConfig = (stdin: () => string): GivenConfig => {
  try {
    return { json: parseJson(stdin(), "stdin") };
  } catch (error) {
    return { error };
  }
};

/** The version to answer in: as the caller wrote it, whatever it is; the plugin's newest when none can be read. */
export const answerVersion = (plugin: Face, { json }: GivenConfig): string => {
  const given = isObject(json) ? new Reader(json satisfies JsonObject, "").value("cniVersion") : undefined;
  if (typeof given === "string" && given !== "") return given;
  return plugin.versions.toSorted(compareVersions).at(-1) ?? "";
};

/** The answer to VERSION, or to no command. */
export const introduce = (plugin: Face, command: "" | "VERSION", stdin: () => string): SkelOutput => {
  const supported = plugin.versions;
  if (command === "") {
    const versions = `CNI protocol versions supported: ${supported.join(", ")}\n`;
    return { stdout: "", stderr: `${plugin.name}: ${plugin.about}\n${versions}`, exit: 0 };
  }
  const cniVersion = answerVersion(plugin, readConfig(stdin));
  return { stdout: `${stringifyJson({ cniVersion, supportedVersions: supported })}\n`, stderr: "", exit: 0 };
};
