/**
 * The text of a cache entry: libcni's `cniCacheV1`, which it reads and writes too, with how far ADD came under a key of
 * our own that it leaves aside. The oldest format, a bare result, is read. Pure.
 */
import { type Fault, faultOf } from "../../base/fault.ts";
import { parseJson, stringifyJson } from "../../base/json.ts";
import { badConfig, type Reader, reader } from "../../base/json-read.ts";
import type { Json, JsonObject } from "../../base/json-types.ts";
import { parsePairs } from "../spec/args.ts";
import { type NetworkList, parseNetwork } from "../spec/list.ts";
import { decodeResult, encodeResult } from "../spec/result.ts";
import type { Result } from "../spec/types.ts";
import { newestVersion } from "../spec/version.ts";
import type { Attach, CacheEntry, Progress } from "./types.ts";

/** What an entry is found by. */
export interface CacheKey {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
}

export const cacheName = (key: CacheKey): string => `${key.network}-${key.containerId}-${key.ifname}`;

export interface Remembered {
  readonly list: NetworkList;
  readonly attach: Attach;
  readonly netnsId?: string | undefined;
  readonly result?: Result | undefined;
  readonly progress: Progress;
}

const kind = "cniCacheV1";
/** Our key. */
const own = "podwire";

/**
 * The config as ADD used it: plugins from the network's folder are written in, so that it reads back the same without
 * the folder.
 */
const wholeConfig = (list: NetworkList): JsonObject => {
  const inline = reader(list.raw).array("plugins");
  if (inline?.length === list.plugins.length) return list.raw;
  const { type: _type, plugins: _plugins, ...rest } = list.raw;
  const base: JsonObject = inline || !list.raw.type ? rest : { cniVersion: list.cniVersion, name: list.name };
  return { ...base, plugins: list.plugins.map((p) => p.raw), loadOnlyInlinedPlugins: true };
};

/** @throws FaultError version when the result cannot be said in the list's version; bad-env */
export const encodeEntry = ({ list, attach, netnsId, result, progress }: Remembered): string => {
  const pairs = [...parsePairs(attach.args ?? "")];
  const entry: Record<string, Json> = {
    kind,
    containerId: attach.containerId,
    config: Buffer.from(stringifyJson(wholeConfig(list))).toString("base64"),
    ifName: attach.ifname,
    networkName: list.name,
  };
  if (attach.netns !== "") entry.netns = attach.netns;
  if (pairs.length > 0) entry.cniArgs = pairs;
  if (attach.capabilityArgs && Object.keys(attach.capabilityArgs).length > 0)
    entry.capabilityArgs = attach.capabilityArgs;
  if (result) entry.result = encodeResult(result, list.cniVersion);
  entry[own] = { ...progress, ...(netnsId && { netnsId }) };
  return stringifyJson(entry);
};

/** Reads what can be read; `damage` tells of the rest. `key` names entries that do not name themselves. */
export const decodeEntry = (text: string, file: string, key: CacheKey | undefined): CacheEntry => {
  const named: CacheEntry = {
    network: "",
    containerId: "",
    ifname: "",
    ...key,
    netns: "",
    args: "",
    capabilityArgs: {},
    file,
  };
  try {
    const r = reader(parseJson(text, file), file);
    const told = r.string("kind");
    if (told === undefined) return decodeLegacy(r, named, key);
    if (told !== kind) throw badConfig(r.path("kind"), `expected ${kind}, got ${JSON.stringify(told)}`);
    return decodeV1(r, named);
  } catch (error) {
    return { ...named, damage: faultOf(error) };
  }
};

const decodeLegacy = (r: Reader, named: CacheEntry, key: CacheKey | undefined): CacheEntry => {
  if (!key)
    throw badConfig(r.path("kind"), `expected ${kind}, got nothing: a bare result does not name its attachment`);
  return { ...named, result: decodeResult(r.raw, newestVersion, r.at) };
};

const decodeV1 = (r: Reader, named: CacheEntry): CacheEntry => {
  const progress = readProgress(r.object(own));
  const netnsId = r.object(own)?.string("netnsId");
  const entry: CacheEntry = {
    ...named,
    network: r.needString("networkName"),
    containerId: r.needString("containerId"),
    ifname: r.needString("ifName"),
    netns: r.string("netns") ?? "",
    args: readArgs(r),
    capabilityArgs: r.object("capabilityArgs")?.raw ?? {},
    ...(netnsId && { netnsId }),
    ...(progress && { progress }),
  };
  let damage: Fault | undefined;
  const part = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      damage ??= faultOf(error);
      return undefined;
    }
  };
  const list = part(() =>
    parseNetwork(parseJson(Buffer.from(r.needString("config"), "base64").toString(), `${named.file} (config)`)),
  );
  const json = r.value("result");
  const result =
    json === undefined
      ? undefined
      : part(() => decodeResult(json, list?.cniVersion ?? newestVersion, r.path("result")));
  return { ...entry, ...(list && { list }), ...(result && { result }), ...(damage && { damage }) };
};

const readProgress = (r: Reader | undefined): Progress | undefined => {
  const started = r?.int("started");
  const finished = r?.int("finished");
  const of = r?.int("of");
  return started === undefined || finished === undefined || of === undefined ? undefined : { started, finished, of };
};

const readArgs = (r: Reader): string =>
  (r.array("cniArgs") ?? [])
    .map((pair) => {
      if (Array.isArray(pair) && pair.length === 2 && pair.every((x) => typeof x === "string")) return pair.join("=");
      throw badConfig(r.path("cniArgs"), "expected pairs of strings");
    })
    .join(";");

/** ADD ran to its end. */
export const isWhole = (entry: CacheEntry): boolean => !entry.progress || entry.progress.finished === entry.progress.of;
