/** Results of 0.3.0 to 1.1.0: one shape that grew. Each version is written with the fields it has and no others. */
import { cidrFamily, cidrText, parseCidr } from "../../base/cidr.ts";
import { parseIp } from "../../base/ip.ts";
import type { Reader } from "../../base/json-read.ts";
import type { JsonObject } from "../../base/json-types.ts";
import { decodeDns, encodeDns, hasDns } from "./dns.ts";
import type { CniVersion, Result, ResultInterface, ResultIp, ResultRoute } from "./types.ts";
import { atLeast } from "./version.ts";

export const decode030 = (r: Reader): Result => ({
  interfaces: (r.objects("interfaces") ?? []).map(decodeInterface),
  ips: (r.objects("ips") ?? []).map(decodeIp),
  routes: (r.objects("routes") ?? []).map(decodeRoute),
  dns: decodeDns(r.object("dns")),
});

/** Fields newer than the version are left out; `ips[].version` and an empty `dns` are there below 1.0.0 only. */
export const encode030 = (result: Result, cniVersion: CniVersion): JsonObject => {
  const extras = atLeast(cniVersion, "1.1.0");
  const old = !atLeast(cniVersion, "1.0.0");
  const interfaces = result.interfaces.map((x) => encodeInterface(x, extras));
  const ips = result.ips.map((x) => encodeIp(x, old));
  const routes = result.routes.map((x) => encodeRoute(x, extras));
  const dns = encodeDns(result.dns);
  return {
    cniVersion,
    ...(interfaces.length > 0 && { interfaces }),
    ...(ips.length > 0 && { ips }),
    ...(routes.length > 0 && { routes }),
    ...((old || hasDns(dns)) && { dns }),
  };
};

const decodeInterface = (r: Reader): ResultInterface => {
  const mac = r.string("mac");
  const mtu = r.int("mtu");
  const sandbox = r.string("sandbox");
  const socketPath = r.string("socketPath");
  const pciID = r.string("pciID");
  return {
    name: r.string("name") ?? "",
    ...(mac && { mac }),
    ...(mtu && { mtu }),
    ...(sandbox && { sandbox }),
    ...(socketPath && { socketPath }),
    ...(pciID && { pciID }),
  };
};

const encodeInterface = (x: ResultInterface, extras: boolean): JsonObject => ({
  name: x.name,
  ...(x.mac && { mac: x.mac }),
  ...(extras && x.mtu && { mtu: x.mtu }),
  ...(x.sandbox && { sandbox: x.sandbox }),
  ...(extras && x.socketPath && { socketPath: x.socketPath }),
  ...(extras && x.pciID && { pciID: x.pciID }),
});

// `version` is not read: the address says its family.
const decodeIp = (r: Reader): ResultIp => {
  const gateway = r.parsed("gateway", parseIp);
  const index = r.int("interface");
  return {
    address: r.needParsed("address", parseCidr),
    ...(gateway && { gateway }),
    ...(index !== undefined && { interface: index }),
  };
};

const encodeIp = (x: ResultIp, old: boolean): JsonObject => ({
  ...(old && { version: String(cidrFamily(x.address)) }),
  ...(x.interface !== undefined && { interface: x.interface }),
  address: cidrText(x.address),
  ...(x.gateway && { gateway: x.gateway }),
});

// Zero means unset for mtu, advmss and priority; for table and scope it is a value (RT_TABLE_UNSPEC, universe).
export const decodeRoute = (r: Reader): ResultRoute => {
  const gw = r.parsed("gw", parseIp);
  const mtu = r.int("mtu");
  const advmss = r.int("advmss");
  const priority = r.int("priority");
  const table = r.int("table");
  const scope = r.int("scope");
  return {
    dst: r.needParsed("dst", parseCidr),
    ...(gw && { gw }),
    ...(mtu && { mtu }),
    ...(advmss && { advmss }),
    ...(priority && { priority }),
    ...(table !== undefined && { table }),
    ...(scope !== undefined && { scope }),
  };
};

const encodeRoute = (x: ResultRoute, extras: boolean): JsonObject => ({
  dst: cidrText(x.dst),
  ...(x.gw && { gw: x.gw }),
  ...(extras && {
    ...(x.mtu && { mtu: x.mtu }),
    ...(x.advmss && { advmss: x.advmss }),
    ...(x.priority && { priority: x.priority }),
    ...(x.table !== undefined && { table: x.table }),
    ...(x.scope !== undefined && { scope: x.scope }),
  }),
});
