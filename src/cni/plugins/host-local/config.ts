/** host-local's config: the `ipam` object, and the addresses asked for in four places. Pure. */
import { parseCidr } from "../../../base/cidr.ts";
import { family, type Ip, parseIp, tryIp } from "../../../base/ip.ts";
import { badConfig, keyPath, type Reader, reader } from "../../../base/json-read.ts";
import type { Json, JsonObject } from "../../../base/json-types.ts";
import type { ParseContext } from "../../plugin.ts";
import { parseArgs, parsedArg } from "../../spec/args.ts";
import { decodeRoute } from "../../spec/result-030.ts";
import type { ResultRoute } from "../../spec/types.ts";
import { atLeast } from "../../spec/version.ts";
import { checkSets, type FoundSet, parseRange, type RangeSet } from "./ranges.ts";

export const defaultDataDir = "/var/lib/cni/networks";

export interface HostLocalConfig {
  /** In order: runtimeConfig.ipRanges, the legacy single range, ipam.ranges. The index names last_reserved_ip.N. */
  readonly sets: readonly RangeSet[];
  readonly routes: readonly ResultRoute[];
  readonly dataDir: string;
  /** Path of a resolv.conf for the result's `dns`. */
  readonly resolvConf?: string;
  /** Addresses asked for, each once. */
  readonly requested: readonly Ip[];
}

/** @throws FaultError bad-config, bad-value, bad-env */
export const parseConfig = (raw: JsonObject, about: ParseContext): HostLocalConfig => {
  const r = reader(raw);
  const ipam = r.object("ipam");
  // What is reserved is found by its owner.
  const removes = about.verb === "DEL" || about.verb === "GC";
  if (!ipam) throw badConfig("ipam", 'expected an object with a subnet, such as {"subnet": "10.244.0.0/24"}');
  const runtime = r.object("runtimeConfig");
  const found = [...readSets(runtime, "ipRanges"), ...readLegacy(ipam), ...readSets(ipam, "ranges")];
  if (found.length === 0 && !removes) throw badConfig("ipam.ranges", "no range is given, here or as ipam.subnet");
  const sets = checkSets(found);
  if (!atLeast(about.cniVersion, "0.3.0")) checkOnePerFamily(found, about);
  const resolvConf = ipam.string("resolvConf");
  return {
    sets,
    routes: (ipam.objects("routes") ?? []).map(decodeRoute),
    dataDir: ipam.string("dataDir") || defaultDataDir,
    ...(resolvConf && { resolvConf }),
    requested: readRequested(r, runtime, about),
  };
};

const readSets = (r: Reader | undefined, key: string): FoundSet[] =>
  (r?.array(key) ?? []).map((set: Json, i) => {
    const at = keyPath(r!.path(key), i);
    if (!Array.isArray(set)) throw badConfig(at, "expected a range set: a list of ranges");
    return { at, ranges: set.map((range: Json, j) => readRange(reader(range, keyPath(at, j)))) };
  });

const readRange = (r: Reader) => ({ at: r.at, range: parseRange(r) });

const readLegacy = (ipam: Reader): FoundSet[] => {
  if (ipam.string("subnet")) return [{ at: ipam.at, ranges: [readRange(ipam)] }];
  const stray = ["rangeStart", "rangeEnd", "gateway"].find((key) => ipam.string(key));
  if (stray && ipam.value("ranges") === undefined)
    throw badConfig(ipam.path("subnet"), `expected the subnet that ${ipam.path(stray)} belongs to, got nothing`);
  return [];
};

const checkOnePerFamily = (found: readonly FoundSet[], about: ParseContext): void => {
  const seen = new Set<number>();
  for (const { at, ranges } of found) {
    const f = family(ranges[0]!.range.start);
    if (seen.has(f))
      throw badConfig(at, `CNI ${about.cniVersion} has one IPv${f} address per attachment, this is a second`);
    seen.add(f);
  }
};

const readRequested = (r: Reader, runtime: Reader | undefined, about: ParseContext): readonly Ip[] => {
  const fromArgs = parseArgs(about.args, ["IP"]).IP;
  const cni = r.object("args")?.object("cni");
  const all = fromArgs ? [parsedArg("IP", fromArgs, readIp)] : [];
  for (const where of [cni, runtime])
    for (const [i, text] of (where?.strings("ips") ?? []).entries())
      all.push(readIp(text, keyPath(where!.path("ips"), i)));
  return [...new Set(all)];
};

/** `ip` or `ip/prefix`; the prefix is the range's own, so the one given here says nothing. */
const readIp = (text: string, what: string): Ip => {
  const ip = text.includes("/") ? parseCidr(text, what).ip : parseIp(text, what);
  // An IPv4-mapped spelling names the IPv4 address.
  const v4 = ip.startsWith("::ffff:") ? tryIp(ip.slice(7)) : undefined;
  return v4 && family(v4) === 4 ? v4 : ip;
};
