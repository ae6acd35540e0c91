/** A network: the list of plugins a runtime calls in turn (spec 1.1.0, section 1 "Configuration format"). */
import { FaultError } from "../../base/fault.ts";
import { badConfig, findKey, keyPath, reader } from "../../base/json-read.ts";
import type { Json, JsonObject } from "../../base/json-types.ts";
import { type PluginConfig, parsePluginConfig, readSwitch } from "./config.ts";
import { type CniVersion, cniVersions } from "./types.ts";
import { checkNetworkName } from "./validate.ts";
import { compareVersions, isCniVersion, parseVersion } from "./version.ts";

export interface NetworkList {
  /** The version every plugin is called with. */
  readonly cniVersion: CniVersion;
  readonly name: string;
  readonly disableCheck: boolean;
  readonly disableGC: boolean;
  /** True when plugins in the folder named like the network are not to be added. */
  readonly loadOnlyInlinedPlugins: boolean;
  readonly plugins: readonly PluginConfig[];
  readonly raw: JsonObject;
}

/** The plugins that stand in `<config folder>/<network name>/`, in order; called unless the list forbids them. */
export type FolderPlugins = (network: string) => readonly Json[];

/**
 * A config file of either form: with `plugins` (or folder plugins) it is a list, without it is a single plugin, which
 * becomes a list of one.
 * @throws FaultError bad-config, version
 */
export const parseNetwork = (json: Json, folder?: FolderPlugins): NetworkList => {
  const { raw } = reader(json);
  return findKey(raw, "type") !== undefined && findKey(raw, "plugins") === undefined
    ? parseSingle(json)
    : parseList(json, folder);
};

/** @throws FaultError bad-config, version */
export const parseList = (json: Json, folder: FolderPlugins = () => []): NetworkList => {
  const r = reader(json);
  const name = r.string("name") ?? "";
  checkNetworkName(name);
  const loadOnlyInlinedPlugins = readSwitch(r, "loadOnlyInlinedPlugins");
  const inline = r.array("plugins");
  if (inline?.length === 0) throw badConfig("plugins", "expected at least one plugin, got an empty list");
  if (!inline && loadOnlyInlinedPlugins)
    throw badConfig("plugins", "expected a list of plugins: loadOnlyInlinedPlugins is true and there are none");
  const added = loadOnlyInlinedPlugins ? [] : folder(name);
  const plugins = [
    ...(inline ?? []).map((p, i) => parsePluginConfig(p, keyPath("plugins", i))),
    ...added.map((p, i) => parsePluginConfig(p, `${name}[${i}]`)),
  ];
  if (plugins.length === 0) throw badConfig("plugins", "expected at least one plugin, got none");
  return {
    cniVersion: chooseVersion(r.string("cniVersion") ?? "", r.strings("cniVersions")),
    name,
    disableCheck: readSwitch(r, "disableCheck"),
    disableGC: readSwitch(r, "disableGC"),
    loadOnlyInlinedPlugins,
    plugins,
    raw: r.raw,
  };
};

/** A config of one plugin, the form before 1.0.0. @throws FaultError bad-config, version */
export const parseSingle = (json: Json): NetworkList => {
  const r = reader(json);
  const name = r.string("name") ?? "";
  checkNetworkName(name);
  return {
    cniVersion: chooseVersion(r.string("cniVersion") ?? "", r.strings("cniVersions")),
    name,
    disableCheck: readSwitch(r, "disableCheck"),
    disableGC: readSwitch(r, "disableGC"),
    loadOnlyInlinedPlugins: true,
    plugins: [parsePluginConfig(json)],
    raw: r.raw,
  };
};

/**
 * `cniVersion` alone has to be one we know; with `cniVersions` the newest that we know of them all is taken.
 * @throws FaultError version
 */
const chooseVersion = (one: string, many: readonly string[] | undefined): CniVersion => {
  const all = [one === "" ? "0.1.0" : one, ...(many ?? [])];
  for (const version of all) parseVersion(version);
  const known = all.filter(isCniVersion).sort(compareVersions);
  const best = known[known.length - 1];
  if (!best) throw new FaultError({ kind: "version", got: all.join(", "), supported: cniVersions });
  return best;
};
