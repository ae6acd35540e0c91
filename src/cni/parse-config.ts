/**
 * A plugin's config for a verb. What ADD refuses it never made, so for DEL and GC a key that cannot be right is left aside:
 * else a pod whose config was refused, or was broken later, could not be removed.
 */
import { type Fault, faultMessage, faultOf } from "../base/fault.ts";
import { findKey, isObject } from "../base/json-read.ts";
import type { JsonObject } from "../base/json-types.ts";
import type { ParseContext, Plugin } from "./plugin.ts";

/** @throws FaultError: what the plugin refuses; for DEL and GC only what cannot be done without */
export const parsePluginConfig = <C>(
  plugin: Pick<Plugin<C>, "parse">,
  raw: JsonObject,
  about: ParseContext,
  warn: (line: string) => void,
): C => {
  const removes = about.verb === "DEL" || about.verb === "GC";
  for (let left = raw, context = about; ; )
    try {
      return plugin.parse(left, context);
    } catch (error) {
      const fault = faultOf(error);
      const rest = removes ? without(left, context, fault) : undefined;
      if (!rest) throw error;
      warn(`left aside: ${faultMessage(fault)}`);
      left = rest.raw;
      context = rest.about;
    }
};

/** Without what the fault is about; undefined when that is not there, or is not told. */
const without = (
  raw: JsonObject,
  about: ParseContext,
  fault: Fault,
): { raw: JsonObject; about: ParseContext } | undefined => {
  if (fault.kind === "bad-env") return about.args === "" ? undefined : { raw, about: { ...about, args: "" } };
  const rest = withoutKey(raw, faultPath(fault) ?? "");
  return rest && { raw: rest, about };
};

/** Path of the key that a fault is about. */
export const faultPath = (f: Fault): string | undefined => {
  if (f.kind === "bad-config") return f.at;
  if (f.kind === "bad-value") return f.what;
  return f.kind === "unsupported" ? f.key : undefined;
};

/** Objects that hold keys of several plugins lose the key, the others go whole. */
const shared = ["runtimeConfig", "args", "ipam"];

/** Without the key, or the part of the config that it stands in; undefined when it is not there. */
export const withoutKey = (raw: JsonObject, path: string): JsonObject | undefined => dropKey(raw, path.split(/[.[]/));

const dropKey = (raw: JsonObject, [first = "", ...more]: readonly string[]): JsonObject | undefined => {
  const name = findKey(raw, first);
  if (name === undefined) return undefined;
  const { [name]: value, ...rest } = raw;
  if (!shared.includes(first) || !isObject(value)) return rest;
  const inner = dropKey(value, more);
  return inner && { ...rest, [name]: inner };
};
