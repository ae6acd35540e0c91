/** One plugin's config (spec 1.1.0, section 1 "Plugin configuration objects"), its raw object kept whole. */
import { badConfig, keyPath, type Reader, reader } from "../../base/json-read.ts";
import type { Json, JsonObject } from "../../base/json-types.ts";
import { decodeDns } from "./dns.ts";
import type { Dns } from "./types.ts";
import { checkPluginType } from "./validate.ts";

export interface PluginConfig {
  readonly type: string;
  /** Names of the capabilities declared true: what may reach the plugin in `runtimeConfig`. */
  readonly capabilities: readonly string[];
  /** The IPAM plugin, when it has one. */
  readonly ipam?: string;
  readonly dns: Dns;
  readonly raw: JsonObject;
}

/** @throws FaultError bad-config */
export const parsePluginConfig = (json: Json, at = ""): PluginConfig => {
  const r = reader(json, at);
  const type = r.string("type") ?? "";
  checkPluginType(type, r.path("type"));
  const ipam = r.object("ipam")?.string("type");
  if (ipam) checkPluginType(ipam, r.path("ipam.type"));
  return {
    type,
    capabilities: declaredCapabilities(r.object("capabilities")),
    ...(ipam && { ipam }),
    dns: decodeDns(r.object("dns")),
    raw: r.raw,
  };
};

const declaredCapabilities = (r: Reader | undefined): readonly string[] =>
  r ? Object.keys(r.raw).filter((name) => r.bool(name)) : [];

/** A switch that may also be written as a string of any case. @throws FaultError bad-config */
export const readSwitch = (r: Reader, key: string): boolean => {
  const v = r.value(key);
  if (typeof v === "string") {
    const lower = v.toLowerCase();
    if (lower === "true" || lower === "false") return lower === "true";
    throw badConfig(keyPath(r.at, key), `expected true or false, got ${JSON.stringify(v)}`);
  }
  return r.bool(key) ?? false;
};
