/** What a folder of plugins holds: each executable file, and what it answers to VERSION. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { FaultError, faultMessage, faultOf } from "../base/fault.ts";
import { cniVersions } from "./schema.ts";
import type { FoundPlugin } from "./types.ts";

/** Long enough for a machine under load. */
const PATIENCE_MS = 20_000;

const isProgram = (path: string): boolean => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && (stat.mode & 0o111) !== 0;
};

/** The versions it says it speaks. @throws FaultError bad-value */
const askVersions = (path: string): string[] => {
  const stdin = new TextEncoder().encode('{"cniVersion":"1.0.0"}');
  const env = { CNI_COMMAND: "VERSION", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  const asked = Bun.spawnSync([path], { stdin, env, timeout: PATIENCE_MS, killSignal: "SIGKILL" });
  const said = asked.stdout.toString();
  try {
    const { supportedVersions } = JSON.parse(said) as { supportedVersions?: unknown };
    if (Array.isArray(supportedVersions) && supportedVersions.every((x) => typeof x === "string"))
      return supportedVersions;
  } catch {
    // told below
  }
  const got = said.trim().slice(0, 200) || `exit status ${asked.exitCode}, stdout empty`;
  throw new FaultError({ kind: "bad-value", what: "answer to VERSION", got, want: '{ "supportedVersions": [...] }' });
};

const found = (name: string, path: string): FoundPlugin => {
  try {
    return { name, path, versions: askVersions(path) };
  } catch (error) {
    return { name, path, versions: [], trouble: faultMessage(faultOf(error)) };
  }
};

export interface Folder {
  readonly plugins: readonly FoundPlugin[];
  /** Executable files that nobody asked about: what is no plugin could do anything when it is run. */
  readonly strangers: readonly string[];
}

/** `known` are the names that may be run. @throws FaultError not-found */
export const findPlugins = (binDir: string, known: ReadonlySet<string>): Folder => {
  let names: string[];
  try {
    names = readdirSync(binDir).sort();
  } catch {
    const fix = "npm run build, or apt-get install containernetworking-plugins for /usr/lib/cni";
    throw new FaultError({ kind: "not-found", what: `folder ${binDir}`, why: "cannot be read", fix });
  }
  const programs = names.filter((name) => isProgram(join(binDir, name)));
  const plugins = programs.filter((name) => known.has(name)).map((name) => found(name, join(binDir, name)));
  const strangers = programs.filter((name) => !known.has(name));
  if (plugins.length > 0) return { plugins, strangers };
  const why = strangers.length > 0 ? "no file there has the name of a plugin" : "there is no executable file";
  throw new FaultError({ kind: "not-found", what: `plugins in ${binDir}`, why, fix: `ls -l ${binDir}` });
};

/** The newest version that both it and we know. */
export const newestOf = (plugin: FoundPlugin): (typeof cniVersions)[number] | undefined =>
  cniVersions.findLast((version) => plugin.versions.includes(version));
