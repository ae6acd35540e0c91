/** Configs as data: merged, filled with variables, and results given in the form of an older version. Pure. */
import { FaultError } from "../base/fault.ts";
import type { CniVersion } from "./schema.ts";

type Map = Record<string, unknown>;
const isMap = (x: unknown): x is Map => typeof x === "object" && x !== null && !Array.isArray(x);

/** JSON merge patch (RFC 7396): maps are merged, null takes a key away, all else stands for what was there. */
export const merge = (base: unknown, patch: unknown): unknown => {
  if (!isMap(patch)) return patch;
  const into: Map = isMap(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete into[key];
    else into[key] = merge(into[key], value);
  }
  return into;
};

export const mergeAll = (...maps: readonly (Map | undefined)[]): Map =>
  maps.reduce<Map>((into, map) => (map ? (merge(into, map) as Map) : into), {});

export type Variables = Readonly<Record<string, string>>;

const variable = /\$([A-Z][A-Z0-9_]*)/g;

/** `$NAME` becomes its value. @throws FaultError bad-value for a name that nobody gave */
export const fillText = (text: string, variables: Variables): string =>
  text.replace(variable, (_, name: string) => {
    const value = variables[name];
    if (value !== undefined) return value;
    const want = `one of ${Object.keys(variables).join(", ")}`;
    throw new FaultError({ kind: "bad-value", what: "variable of a case", got: `$${name}`, want });
  });

/** Every text in a value is filled, keys too. */
export const fill = <T>(value: T, variables: Variables): T => {
  const go = (x: unknown): unknown => {
    if (typeof x === "string") return fillText(x, variables);
    if (Array.isArray(x)) return x.map(go);
    if (!isMap(x)) return x;
    return Object.fromEntries(Object.entries(x).map(([key, y]) => [fillText(key, variables), go(y)]));
  };
  return go(value) as T;
};

const familyOf = (cidr: unknown): "4" | "6" => (String(cidr).includes(":") ? "6" : "4");
const maps = (x: unknown): Map[] => (Array.isArray(x) ? x.filter(isMap) : []);

/** A result in 1.0.0's form, as a version before had it: `ips[].version` until 0.4.0, `ip4` and `ip6` until 0.2.0. */
export const resultFor = (version: CniVersion, result: Map): Map => {
  if (version === "1.0.0" || version === "1.1.0") return { ...result, cniVersion: version };
  const ips = maps(result.ips).map((ip) => ({ version: familyOf(ip.address), ...ip }) as Map);
  if (version !== "0.1.0" && version !== "0.2.0") return { ...result, ips, cniVersion: version };
  const family = (wanted: "4" | "6"): Map | undefined => {
    const ip = ips.find((x) => x.version === wanted);
    if (!ip) return undefined;
    const routes = maps(result.routes).filter((route) => familyOf(route.dst) === wanted);
    return { ip: ip.address, ...(ip.gateway ? { gateway: ip.gateway } : {}), ...(routes.length > 0 ? { routes } : {}) };
  };
  const old: Map = { cniVersion: version, ip4: family("4"), ip6: family("6"), dns: result.dns };
  return Object.fromEntries(Object.entries(old).filter(([, value]) => value !== undefined));
};

/** Without what says nothing: null, and empty lists, maps and texts; for comparing results. */
export const essence = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(essence);
  if (!isMap(value)) return value;
  const kept = Object.entries(value)
    .map(([key, x]) => [key, essence(x)] as const)
    .filter(([, x]) => x !== null && x !== "" && !(typeof x === "object" && Object.keys(x as object).length === 0));
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
};
