/** What can be said of a config without running it, as this executable's own plugins read it. */
import { type Fault, faultOf } from "../../base/fault.ts";
import { findKey, isObject, keyPath } from "../../base/json-read.ts";
import type { Json, JsonObject } from "../../base/json-types.ts";
import { nearest } from "../../base/nearest.ts";
import { faultPath, withoutKey } from "../parse-config.ts";
import type { KeyDoc, Plugin } from "../plugin.ts";
import { isPluginName, loadPlugin } from "../plugins/registry.ts";
import type { PluginConfig } from "../spec/config.ts";
import { pluginRequestConfig } from "../spec/derive.ts";
import type { NetworkList } from "../spec/list.ts";
import { judgeChain } from "./judge-chain.ts";
import type { Judged } from "./types.ts";

/** Keys that every plugin config may have: the spec's and the conventions'. */
const common = ["type", "name", "cniVersion", "capabilities", "ipam", "dns", "args", "runtimeConfig", "prevResult"];
const commonIpam = ["type"];

/** Foreign plugins are passed over: only they know their keys. */
export const judge = async (list: NetworkList): Promise<Judged[]> => {
  const single = list.raw.plugins === undefined;
  const place = (i: number): string => (single ? "" : keyPath("plugins", i));
  const found: Judged[] = [];
  for (const [i, config] of list.plugins.entries()) {
    const at = place(i);
    const own = isPluginName(config.type) ? await loadPlugin(config.type) : undefined;
    const ipam = config.ipam && isPluginName(config.ipam) ? await loadPlugin(config.ipam) : undefined;
    found.push(...refused(list, config, [own, ipam], at));
    if (own) found.push(...unknown(config.raw, [...common, ...names(own.keys, "")], at));
    const raw = config.raw.ipam;
    const ipamKeys = [...commonIpam, ...names(own?.keys ?? [], "ipam."), ...names(ipam?.keys ?? [], "ipam.")];
    if (ipam && isObject(raw)) found.push(...unknown(raw, ipamKeys, keyPath(at, "ipam")));
  }
  // What a plugin says of a key itself is enough.
  const said = new Set(found.map((f) => f.at));
  return [...found, ...judgeChain(list, place).filter((f) => !said.has(f.at))];
};

const refused = (
  list: NetworkList,
  config: PluginConfig,
  plugins: readonly (Plugin | undefined)[],
  at: string,
): Judged[] =>
  plugins.flatMap((plugin) => {
    // A plugin never sees its capabilities; here they tell what the runtime is yet to give.
    const { capabilities } = config.raw;
    const raw = { ...pluginRequestConfig(list, config, { verb: "ADD" }), ...(capabilities && { capabilities }) };
    const about = { cniVersion: list.cniVersion, network: list.name, args: "" };
    return plugin ? refusals((left) => plugin.parse(left, about), raw).map((fault) => placed(fault, at)) : [];
  });

/** Asked again without the key that was refused, until there is none: the first mistake does not hide the others. */
const refusals = (parse: (raw: JsonObject) => unknown, raw: JsonObject): Fault[] => {
  const found: Fault[] = [];
  for (let left: JsonObject | undefined = raw; left; ) {
    const fault = thrownBy(parse, left);
    const path = fault && (faultPath(fault) ?? "");
    // What is missed now may be what was left aside.
    if (!fault || (found.length > 0 && !stands(left, path ?? ""))) break;
    found.push(fault);
    left = withoutKey(left, path ?? "");
  }
  return found;
};

const thrownBy = (parse: (raw: JsonObject) => unknown, raw: JsonObject): Fault | undefined => {
  try {
    parse(raw);
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
};

const stands = (raw: JsonObject, path: string): boolean => {
  let here: Json | undefined = raw;
  for (const part of path.split(/[.[\]]+/).filter((word) => word !== "")) {
    if (Array.isArray(here)) here = here[Number(part)];
    else if (isObject(here)) here = here[findKey(here, part) ?? ""];
    else return false;
  }
  return here !== undefined && path !== "";
};

const placed = (fault: Fault, at: string): Judged => {
  const key = faultPath(fault) ?? "";
  return { at: key === "" ? at : keyPath(at, key), fault, is: "error" };
};

/** First parts of the documented keys below `prefix`. */
const names = (keys: readonly KeyDoc[], prefix: string): string[] =>
  keys.filter((k) => k.key.startsWith(prefix)).map((k) => /^[^.[\s]+/.exec(k.key.slice(prefix.length))?.[0] ?? "");

const unknown = (raw: JsonObject, known: readonly string[], at: string): Judged[] =>
  Object.keys(raw)
    .filter((key) => !key.startsWith("cni.dev/") && !known.some((k) => k.toLowerCase() === key.toLowerCase()))
    .map((key) => {
      const path = keyPath(at, key);
      const close = nearest(key, known);
      const why = `unknown key${close ? `; did you mean ${close}?` : ", which is ignored"}`;
      return { at: path, fault: { kind: "bad-config" as const, at: path, why }, is: "warning" as const };
    });
