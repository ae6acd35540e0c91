/** The network configs of /etc/cni/net.d as a runtime reads them: sorted by name, and the first is the one that counts. */
import { type Cidr, tryCidr } from "../../base/cidr.ts";
import { type Ip, tryIp } from "../../base/ip.ts";
import type { Host } from "../host.ts";

export const confDir = "/etc/cni/net.d";

type Values = Readonly<Record<string, unknown>>;

export interface NetworkConf {
  readonly path: string;
  readonly name: string;
  /** In the order of the chain; none when the file cannot be used. */
  readonly plugins: readonly Values[];
  /** Why a runtime would refuse it. */
  readonly problem?: string;
}

/** A range of addresses that the config's IPAM gives from. */
export interface ConfRange {
  readonly subnet: Cidr;
  readonly first?: Ip;
  readonly last?: Ip;
}

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const parse = (path: string, text: string): NetworkConf => {
  const refused = (problem: string): NetworkConf => ({ path, name: "", plugins: [], problem });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refused("is not JSON");
  }
  if (!isValues(json)) return refused("is not a JSON object");
  const list = path.endsWith(".conflist");
  const plugins = list ? json.plugins : [json];
  if (!Array.isArray(plugins) || !plugins.every(isValues) || plugins.length === 0) return refused("has no plugins");
  if (plugins.some((p) => typeof p.type !== "string")) return refused("has a plugin without a type");
  if (typeof json.name !== "string") return refused("has no name");
  return { path, name: json.name, plugins };
};

/** libcni takes .conf, .conflist and .json, in the order of their names' bytes. */
export const networkConfs = (host: Host): NetworkConf[] =>
  host
    .list(confDir)
    .filter((name) => /\.(conf|conflist|json)$/.test(name))
    .map((name) => parse(`${confDir}/${name}`, host.read(`${confDir}/${name}`) ?? ""));

/** The one that a runtime uses: containerd and CRI-O take the first. */
export const chosenConf = (host: Host): NetworkConf | undefined => networkConfs(host)[0];

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Names of the bridges that the config makes or uses. Flannel's delegate is a bridge cni0 unless it says otherwise. */
export const bridgesOf = (conf: NetworkConf | undefined): string[] =>
  (conf?.plugins ?? []).flatMap((p) => {
    if (p.type === "bridge") return [text(p.bridge) || "cni0"];
    if (p.type !== "flannel") return [];
    const delegate = isValues(p.delegate) ? p.delegate : {};
    return (delegate.type ?? "bridge") === "bridge" ? [text(delegate.bridge) || "cni0"] : [];
  });

const rangeOf = (value: unknown): ConfRange[] => {
  if (!isValues(value)) return [];
  const subnet = tryCidr(text(value.subnet));
  const first = tryIp(text(value.rangeStart));
  const last = tryIp(text(value.rangeEnd));
  return subnet ? [{ subnet, ...(first ? { first } : {}), ...(last ? { last } : {}) }] : [];
};

/** Of host-local, wherever it stands in the chain. */
export const rangesOf = (conf: NetworkConf | undefined): ConfRange[] =>
  (conf?.plugins ?? []).flatMap(({ ipam }) => {
    if (!isValues(ipam) || ipam.type !== "host-local") return [];
    const sets = Array.isArray(ipam.ranges) ? ipam.ranges.flat() : [];
    return [...rangeOf(ipam), ...sets.flatMap(rangeOf)];
  });

/** Names of the plugins that it needs, IPAM and delegates too, each once. */
export const typesOf = (conf: NetworkConf): string[] => [
  ...new Set(
    conf.plugins
      .flatMap(({ type, ipam, delegate }) => [type, isValues(ipam) && ipam.type, isValues(delegate) && delegate.type])
      .map(text)
      .filter((type) => type !== ""),
  ),
];
