/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { type Family, family, type Ip, parseIp } from "../../../base/ip.ts";
import { badConfig, keyPath, type Reader, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { ParseContext } from "../../plugin.ts";
import type { SbrConfig } from "./config.ts";

/** RT_TABLE_MAX. Table 0 would have the kernel choose one, and nobody could tell which. */
const tables = { min: 1, max: 0xffff_ffff };

/** @throws FaultError bad-config, bad-value */
export const parseConfig = (raw: JsonObject, about: ParseContext): SbrConfig => {
  const r = reader(raw);
  // What ADD refused has made nothing, so that DEL must not stumble over it.
  if (about.verb === "DEL" || about.verb === "GC") return { ...givenTable(r), gateways: {}, sourceHints: false };
  const table = r.int("table", tables);
  const gateways = readGateways(r);
  const sourceHints = r.bool("addSourceHints") ?? false;
  const stray = Object.keys(gateways).length > 0 ? "gateways" : sourceHints ? "addSourceHints" : undefined;
  if (table !== undefined && stray !== undefined)
    throw badConfig(stray, `cannot be set together with table: the routes of table ${table} are not sbr's to make`);
  return { ...(table !== undefined && { table }), gateways, sourceHints };
};

const givenTable = (r: Reader): { table?: number } => {
  const table = r.value("table");
  return typeof table === "number" ? { table } : {};
};

const readGateways = (r: Reader): SbrConfig["gateways"] => {
  const gateways: Partial<Record<Family, Ip>> = {};
  for (const [i, text] of (r.strings("gateways") ?? []).entries()) {
    const at = keyPath(r.path("gateways"), i);
    const gateway = parseIp(text, at);
    if (gateway === "0.0.0.0" || gateway === "::") throw badConfig(at, `${gateway} is no gateway's address`);
    const f = family(gateway);
    const other = gateways[f];
    if (other !== undefined) throw badConfig(at, `one IPv${f} gateway is all that there can be, and ${other} is one`);
    gateways[f] = gateway;
  }
  return gateways;
};
