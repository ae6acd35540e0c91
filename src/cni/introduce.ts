/**
 * What a plugin says of itself, from its face alone: its versions (VERSION), and a line for who names no command. A node
 * asks often and waits, so this needs nothing but the face: no reader of configs, no error.
 */
import type { Face } from "./plugin.ts";

export interface SkelOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** 0, or 1 with an error object on stdout. */
  readonly exit: number;
}

/** The version to answer in: as the caller wrote it, whatever it is; the plugin's newest when there is none to be read. */
export const answerVersion = (plugin: Face, config: unknown): string => {
  const given = (config as { readonly cniVersion?: unknown } | null | undefined)?.cniVersion;
  return typeof given === "string" && given !== "" ? given : (plugin.versions.at(-1) ?? "");
};

/** The config in what VERSION gets, which need not be one. */
const readConfig = (stdin: () => string): unknown => {
  try {
    return JSON.parse(stdin());
  } catch {
    return undefined;
  }
};

/** The answer to VERSION, or to no command. */
export const introduce = (plugin: Face, command: "" | "VERSION", stdin: () => string): SkelOutput => {
  const supportedVersions = plugin.versions;
  if (command === "VERSION") {
    const cniVersion = answerVersion(plugin, readConfig(stdin));
    return { stdout: `${JSON.stringify({ cniVersion, supportedVersions })}\n`, stderr: "", exit: 0 };
  }
  const spoken = `CNI protocol versions supported: ${supportedVersions.join(", ")}`;
  return { stdout: "", stderr: `${plugin.name}: ${plugin.about}\n${spoken}\n`, exit: 0 };
};
