/** What can be said of a chain as a whole: whether its plugins stand where they can work and are given what they need. */
import { isObject, keyPath } from "../../base/json-read.ts";
import type { JsonObject } from "../../base/json-types.ts";
import { nearest } from "../../base/nearest.ts";
import { isPluginName, pluginFace } from "../plugins/registry.ts";
import type { PluginConfig } from "../spec/config.ts";
import type { NetworkList } from "../spec/list.ts";
import type { Judged } from "./types.ts";

const judged = (is: Judged["is"], at: string, why: string): Judged => ({
  at,
  fault: { kind: "bad-config", at, why },
  is,
});

const faceOf = (type: string | undefined) => (type !== undefined && isPluginName(type) ? pluginFace(type) : undefined);

/** `at` gives the path of a plugin's config by its place. Plugins of others may be of any kind. */
export const judgeChain = (list: NetworkList, at: (i: number) => string): Judged[] => {
  const firstMain = list.plugins.findIndex((p) => (faceOf(p.type)?.kind ?? "main") === "main");
  return list.plugins.flatMap((config, i) => [
    ...misplaced(config, i, firstMain, at(i)),
    ...ipamOf(config, at(i)),
    ...capabilitiesOf(config, at(i)),
  ]);
};

const misplaced = ({ type }: PluginConfig, i: number, firstMain: number, at: string): Judged[] => {
  const kind = faceOf(type)?.kind;
  const path = keyPath(at, "type");
  if (kind === "ipam")
    return [
      judged("error", path, `${type} gives addresses: it belongs into "ipam" of the plugin that makes the interface`),
    ];
  if (kind !== "meta" || (firstMain >= 0 && firstMain < i)) return [];
  const where = firstMain < 0 ? "and the list has none" : "so it comes after that one";
  return [judged("error", path, `${type} works on the interface that another plugin makes, ${where}`)];
};

const ipamOf = ({ type, ipam, raw }: PluginConfig, at: string): Judged[] => {
  const face = faceOf(ipam);
  if (face && face.kind !== "ipam")
    return [judged("error", keyPath(at, "ipam.type"), `${ipam} is no IPAM plugin; host-local, static and dhcp are`)];
  const { ipam: inner } = raw;
  // An empty one is how layer 2 alone is asked for.
  if (ipam || faceOf(type)?.kind !== "main" || !isObject(inner) || Object.keys(inner).length === 0) return [];
  const why = "expected the name of an IPAM plugin, such as host-local, got none: pods would have no address";
  return [judged("error", keyPath(at, "ipam.type"), why)];
};

/** Plugins that do nothing without what the runtime gives them, unless these keys stand in for it. */
const needs: Readonly<Record<string, { readonly capability: string; readonly unless: readonly string[] }>> = {
  portmap: { capability: "portMappings", unless: [] },
  bandwidth: { capability: "bandwidth", unless: ["ingressRate", "egressRate"] },
};

const capabilitiesOf = ({ type, ipam, raw, capabilities }: PluginConfig, at: string): Judged[] => {
  const face = faceOf(type);
  const foreignIpam = ipam !== undefined && !faceOf(ipam);
  const known = [...(face?.capabilities ?? []), ...(faceOf(ipam)?.capabilities ?? [])];
  const path = keyPath(at, "capabilities");
  const found: Judged[] = [];
  for (const name of face && !foreignIpam ? capabilities.filter((c) => !known.includes(c)) : []) {
    const close = nearest(name, known);
    const meant = close ? `; did you mean ${close}?` : "";
    found.push(judged("warning", keyPath(path, name), `${type} makes no use of this capability${meant}`));
  }
  const need = needs[type];
  if (need && !capabilities.includes(need.capability) && !need.unless.some((key) => has(raw, key)))
    found.push(
      judged(
        "warning",
        path,
        `without "capabilities": {"${need.capability}": true} no runtime passes ${need.capability}, and ${type} does nothing`,
      ),
    );
  return found;
};

const has = (raw: JsonObject, key: string): boolean => raw[key] !== undefined && raw[key] !== 0;
