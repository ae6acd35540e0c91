/**
 * Networks from a config folder, by file name. A file that is malformed, half written or not ours to read is reported
 * and left aside: it must not take the other networks down.
 */
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { FaultError, faultMessage, faultOf } from "../../base/fault.ts";
import { parseJson } from "../../base/json.ts";
import { locate } from "../../base/json-locate.ts";
import { isObject, Reader } from "../../base/json-read.ts";
import type { Json } from "../../base/json-types.ts";
import { parseNetwork } from "../spec/list.ts";
import type { FileProblem, Ignored, LoadedNetwork, Networks } from "./types.ts";

const readJson = (file: string): Json => parseJson(readFileSync(file, "utf8"), file);

/** By name, byte for byte as Go sorts. */
const entriesIn = (folder: string): Dirent[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
};

/** The plugins of `<folder>/<network>/*.conf`. */
const pluginsOf =
  (confDir: string) =>
  (network: string): Json[] =>
    entriesIn(join(confDir, network))
      .filter((entry) => !entry.isDirectory() && extname(entry.name) === ".conf")
      .map(({ name }) => readJson(join(confDir, network, name)));

const listEnding = ".conflist";
const endings = [".conf", listEnding, ".json"];

/** libcni takes the form from the file's name: a list in a `.conf` is refused, and so is a plugin in a `.conflist`. */
const checkForm = (file: string, json: Json): void => {
  const ending = extname(file);
  if (!isObject(json) || !endings.includes(ending)) return;
  const r = new Reader(json, "");
  const isList = r.value("plugins") !== undefined;
  if (isList === (ending === listEnding) || (!isList && r.value("type") === undefined)) return;
  const bare = file.slice(0, -ending.length);
  throw new FaultError({
    kind: "bad-config",
    at: isList ? "plugins" : "type",
    why: isList
      ? `a list of plugins is read from a ${listEnding} file only, not from ${ending}`
      : `a ${listEnding} file has its plugins in a list, "plugins": [...]; one plugin alone stands in a .conf`,
    fix: `mv ${file} ${bare}${isList ? listEnding : ".conf"}`,
  });
};

/** @throws FaultError bad-syntax, bad-config, version, io */
export const loadNetwork = (file: string, confDir: string): LoadedNetwork => {
  const json = readJson(file);
  checkForm(file, json);
  return { ...parseNetwork(json, pluginsOf(confDir)), file };
};

/** Folders may hold plugins of a network or other programs' files: told only where one passes for a config. */
const ignoredEntry = (confDir: string, entry: Dirent): Ignored | undefined => {
  const file = join(confDir, entry.name);
  const ending = extname(entry.name);
  if (entry.isDirectory()) return endings.includes(ending) ? { file, why: "is a folder" } : undefined;
  if (endings.includes(ending)) return undefined;
  return { file, why: `its name does not end in ${endings.slice(0, -1).join(", ")} or ${endings.at(-1)}` };
};

export const loadNetworks = (confDir: string): Networks => {
  const networks: LoadedNetwork[] = [];
  const problems: FileProblem[] = [];
  const ignored: Ignored[] = [];
  for (const entry of entriesIn(confDir)) {
    const file = join(confDir, entry.name);
    const passed = ignoredEntry(confDir, entry);
    if (passed) ignored.push(passed);
    if (passed || entry.isDirectory()) continue;
    try {
      const network = loadNetwork(file, confDir);
      const first = networks.find((n) => n.name === network.name);
      if (!first) networks.push(network);
      else problems.push(hidden(network, first));
    } catch (error) {
      problems.push(problemOf(file, error));
    }
  }
  return { networks, problems, ignored };
};

/** With the place of the key that is wrong. */
export const problemOf = (file: string, error: unknown): FileProblem => {
  const fault = faultOf(error);
  if (fault.kind === "bad-syntax" && fault.file === file) return { file, fault, place: fault };
  const about = { file, fault, ...nameIn(file) };
  if (fault.kind !== "bad-config") return about;
  try {
    return { ...about, place: locate(readFileSync(file, "utf8"), fault.at) };
  } catch {
    return about;
  }
};

const nameIn = (file: string): { network?: string } => {
  try {
    const json = readJson(file);
    const network = isObject(json) ? new Reader(json, "").string("name") : undefined;
    return network === undefined ? {} : { network };
  } catch {
    return {};
  }
};

const hidden = (network: LoadedNetwork, first: LoadedNetwork): FileProblem => ({
  file: network.file,
  network: network.name,
  fault: {
    kind: "exists",
    what: `network ${JSON.stringify(network.name)}`,
    why: `is given by ${first.file}, which comes first, so this file is never used`,
  },
});

/** `file:line:column: what is wrong`, the file once. */
export const problemText = ({ file, fault, place }: FileProblem): string => {
  const message = faultMessage(fault);
  const at = place ? `${file}:${place.line}:${place.column}` : file;
  return message.startsWith(file) ? message : `${at}: ${message}`;
};
