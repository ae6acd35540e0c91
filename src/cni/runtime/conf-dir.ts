/**
 * Networks from a config folder, in libcni's order. A file that is malformed, half written or not ours to read is
 * reported and left aside: it must not take the other networks down.
 */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { type Fault, FaultError, faultMessage, faultOf } from "../../base/fault.ts";
import { parseJson } from "../../base/json.ts";
import { locate } from "../../base/json-locate.ts";
import type { Json } from "../../base/json-types.ts";
import { nearest } from "../../base/nearest.ts";
import { parseNetwork } from "../spec/list.ts";
import type { FileProblem, LoadedNetwork, Networks } from "./types.ts";

const readJson = (file: string): Json => parseJson(readFileSync(file, "utf8"), file);

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
};

/** The plugins of `<folder>/<network>/*.conf`. */
const pluginsOf =
  (confDir: string) =>
  (network: string): Json[] =>
    namesIn(join(confDir, network))
      .filter((name) => extname(name) === ".conf")
      .map((name) => readJson(join(confDir, network, name)));

/** @throws FaultError bad-syntax, bad-config, version, io */
export const loadNetwork = (file: string, confDir: string): LoadedNetwork => ({
  ...parseNetwork(readJson(file), pluginsOf(confDir)),
  file,
});

const lists = [".conflist"];
const singles = [".conf", ".json"];

/** Config files of a folder, lists first. */
const configFiles = (confDir: string): string[] => {
  const names = namesIn(confDir);
  return [lists, singles].flatMap((kinds) =>
    names.filter((name) => kinds.includes(extname(name))).map((name) => join(confDir, name)),
  );
};

export const loadNetworks = (confDir: string): Networks => {
  const networks: LoadedNetwork[] = [];
  const problems: FileProblem[] = [];
  for (const file of configFiles(confDir))
    try {
      const network = loadNetwork(file, confDir);
      const first = networks.find((n) => n.name === network.name);
      if (!first) networks.push(network);
      else problems.push({ file, fault: hidden(network, first) });
    } catch (error) {
      problems.push(problemOf(file, error));
    }
  return { networks, problems };
};

/** With the place of the key that is wrong. */
export const problemOf = (file: string, error: unknown): FileProblem => {
  const fault = faultOf(error);
  if (fault.kind === "bad-syntax" && fault.file === file) return { file, fault, place: fault };
  if (fault.kind !== "bad-config") return { file, fault };
  try {
    return { file, fault, place: locate(readFileSync(file, "utf8"), fault.at) };
  } catch {
    return { file, fault };
  }
};

const hidden = (network: LoadedNetwork, first: LoadedNetwork): Fault => ({
  kind: "exists",
  what: `network ${JSON.stringify(network.name)}`,
  why: `is given by ${first.file}, which comes first, so this file is never used`,
});

/** @throws FaultError not-found, telling what there is */
export const pickNetwork = (confDir: string, name: string | undefined): LoadedNetwork => {
  const { networks, problems } = loadNetworks(confDir);
  const found = name === undefined ? firstByFile(networks) : networks.find((n) => n.name === name);
  if (found) return found;
  const names = networks.map((n) => n.name);
  const close = name === undefined ? undefined : nearest(name, names);
  const what = name === undefined ? "a network" : `network ${JSON.stringify(name)}`;
  const unread = problems.filter((p) => p.fault.kind !== "exists").map((p) => problemText(p));
  const why = [
    names.length > 0 ? `not in ${confDir}; the networks there: ${names.join(", ")}` : `no network config in ${confDir}`,
    ...(close ? [`did you mean ${close}?`] : []),
    ...(unread.length > 0 ? [`files that could not be used: ${unread.join("; ")}`] : []),
  ].join("; ");
  throw new FaultError({ kind: "not-found", what, why, fix: `podwire cni validate --conf-dir ${confDir}` });
};

/** What the kubelet of old and today's CRI runtimes take: the first file of any kind. */
const firstByFile = (networks: readonly LoadedNetwork[]): LoadedNetwork | undefined =>
  networks.toSorted((a, b) => (a.file < b.file ? -1 : 1))[0];

/** `file:line:column: what is wrong`, the file once. */
export const problemText = ({ file, fault, place }: FileProblem): string => {
  const message = faultMessage(fault);
  const at = place ? `${file}:${place.line}:${place.column}` : file;
  return message.startsWith(file) ? message : `${at}: ${message}`;
};
