/** From JSON and CNI_ARGS to config: whose addresses count, and everything that can be refused. Pure. */
import { cidrFamily, cidrText, contains, sameCidr } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { family } from "../../../base/ip.ts";
import { badConfig, keyPath, type Reader, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { ParseContext } from "../../plugin.ts";
import { parseArgs, parsedArg } from "../../spec/args.ts";
import { decodeDns } from "../../spec/dns.ts";
import { decodeRoute } from "../../spec/result-030.ts";
import type { ResultIp } from "../../spec/types.ts";
import { atLeast } from "../../spec/version.ts";
import { parseAddress, parseGateway } from "./address.ts";
import type { StaticConfig } from "./config.ts";

/** An address with the key it came from. */
interface Found {
  readonly at: string;
  readonly ip: ResultIp;
}

/** @throws FaultError bad-config, bad-value, bad-env */
export const parseConfig = (raw: JsonObject, about: ParseContext): StaticConfig => {
  // Nothing is kept, so nothing has to go: DEL works with whatever config ADD was refused for.
  if (about.verb === "DEL" || about.verb === "GC") return { ips: [], routes: [], dns: {} };
  const r = reader(raw);
  const ipam = r.object("ipam");
  if (!ipam)
    throw badConfig("ipam", 'expected an object with addresses, such as {"addresses": [{"address": "10.1.2.5/24"}]}');
  const found = chosen(r, ipam, about);
  // A config, and STATUS of it, may do without: the runtime can name them for each container.
  if (found.length === 0 && (about.verb === "ADD" || about.verb === "CHECK"))
    throw badConfig(
      "ipam.addresses",
      "no address is given, here or as runtimeConfig.ips (capability ips), args.cni.ips or IP of CNI_ARGS",
    );
  refuseTwins(found);
  if (!atLeast(about.cniVersion, "0.3.0")) checkOnePerFamily(found, about);
  return {
    ips: found.map((f) => f.ip),
    routes: (ipam.objects("routes") ?? []).map(decodeRoute),
    dns: decodeDns(ipam.object("dns")),
  };
};

/** The runtime's list, else that of args, else the config's own with those of CNI_ARGS: as the reference has it. */
const chosen = (r: Reader, ipam: Reader, about: ParseContext): readonly Found[] => {
  // All are read, so that what is wrong in one is told although another goes first.
  const own = (ipam.objects("addresses") ?? []).map(readAddress);
  const args = readArgs(about.args);
  const listed = [r.object("runtimeConfig"), r.object("args")?.object("cni")].map(readList);
  const instead = listed.find((list) => list.length > 0);
  return instead ?? [...own, ...withGateways(args.addresses, args.gateways)];
};

const readAddress = (r: Reader): Found => {
  const address = r.needParsed("address", parseAddress);
  const gateway = r.parsed("gateway", parseGateway);
  if (gateway && family(gateway) !== cidrFamily(address))
    throw badConfig(r.path("gateway"), `${gateway} is not of the family of ${cidrText(address)}`);
  if (gateway === address.ip) throw badConfig(r.path("gateway"), `${gateway} is the address itself`);
  return { at: r.path("address"), ip: { address, ...(gateway && { gateway }) } };
};

const readList = (r: Reader | undefined): readonly Found[] =>
  (r?.strings("ips") ?? []).map((text, i) => {
    const at = keyPath(r!.path("ips"), i);
    return { at, ip: { address: parseAddress(text, at) } };
  });

type Gateway = ReturnType<typeof parseGateway>;

/** MAC is there for the plugin that makes the interface. */
const readArgs = (text: string): { readonly addresses: readonly Found[]; readonly gateways: readonly Gateway[] } => {
  const { IP, GATEWAY } = parseArgs(text, ["IP", "GATEWAY", "MAC"]);
  const each = <T>(key: string, list: string | undefined, parse: (item: string, what: string) => T): T[] =>
    (list ? list.split(",") : []).map((item) => parsedArg(key, item.trim(), parse));
  return {
    addresses: each("IP", IP, parseAddress).map((address) => ({ at: "IP of CNI_ARGS", ip: { address } })),
    gateways: each("GATEWAY", GATEWAY, parseGateway),
  };
};

/**
 * GATEWAY is about the addresses of IP beside it: the reference never gives it to the config's, which name their own.
 * @throws FaultError bad-env when it would serve none
 */
const withGateways = (found: readonly Found[], gateways: readonly Gateway[]): readonly Found[] => {
  const badGateway = (gateway: Gateway, why: string): FaultError =>
    new FaultError({ kind: "bad-env", vars: ["CNI_ARGS"], why: `GATEWAY ${gateway} ${why}` });
  const all = found.map((f) => cidrText(f.ip.address)).join(", ") || "none";
  for (const gateway of gateways)
    if (!found.some((f) => contains(f.ip.address, gateway)))
      throw badGateway(
        gateway,
        `is in the subnet of no IP of CNI_ARGS (${all}); ipam.addresses have gateways of their own`,
      );
  return found.map(({ at, ip }) => {
    const gateway = gateways.findLast((g) => contains(ip.address, g));
    if (gateway === ip.address.ip) throw badGateway(gateway, "is the address itself");
    return { at, ip: gateway ? { ...ip, gateway } : ip };
  });
};

/** The kernel takes an address once for an interface. */
const refuseTwins = (found: readonly Found[]): void => {
  for (const [i, { at, ip }] of found.entries()) {
    const twin = found.slice(0, i).find((f) => sameCidr(f.ip.address, ip.address));
    if (twin) throw badConfig(at, `${cidrText(ip.address)} is there already, as ${twin.at}`);
  }
};

const checkOnePerFamily = (found: readonly Found[], about: ParseContext): void => {
  for (const [i, { at, ip }] of found.entries()) {
    const f = cidrFamily(ip.address);
    if (found.slice(0, i).some((x) => cidrFamily(x.ip.address) === f))
      throw badConfig(at, `CNI ${about.cniVersion} has one IPv${f} address per attachment, this is a second`);
  }
};
