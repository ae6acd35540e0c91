/** dhcp's config: the `ipam` object. Pure. */
import { badConfig, type Reader, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { optionCode } from "../../../kernel/codec/dhcp/message.ts";
import type { ParseContext } from "../../plugin.ts";
import { parsePairs } from "../../spec/args.ts";
import { optionOf, optionWords } from "./option-names.ts";

export const defaultSocket = "/run/cni/dhcp.sock";

export interface DhcpConfig {
  /** Path of the daemon's socket. */
  readonly socket: string;
  /** Options that the server is told, by code. */
  readonly provide: ReadonlyMap<number, string>;
  /** Codes of the options that the server is asked for. */
  readonly request: readonly number[];
  /** Metric of the routes. */
  readonly priority?: number;
}

/**
 * What is asked for unless the config says `skipDefault`. Classless routes come first: a server that has them need not
 * look at what follows (RFC 3442).
 */
const defaultRequest = [
  optionCode.subnetMask,
  optionCode.classlessRoutes,
  optionCode.routers,
  optionCode.staticRoutes,
  optionCode.nameServers,
  optionCode.domainName,
  optionCode.domainSearch,
] as const;

/** The protocol's own, which the client sets as each message needs it; 0 and 255 are no options. */
const reserved: readonly number[] = [
  0,
  optionCode.wantedAddress,
  optionCode.overload,
  optionCode.messageType,
  optionCode.server,
  optionCode.wantedOptions,
  255,
];

/** @throws FaultError bad-config, bad-env */
export const parseConfig = (raw: JsonObject, about: ParseContext): DhcpConfig => {
  const ipam = reader(raw).object("ipam");
  const priority = ipam?.int("priority", { min: 0, max: 0xffffffff });
  return {
    socket: ipam?.string("daemonSocketPath") || defaultSocket,
    provide: ipam ? readProvide(ipam, about) : new Map(),
    request: ipam ? readRequest(ipam) : defaultRequest,
    ...(priority && { priority }),
  };
};

const longestValue = 255;

const readProvide = (ipam: Reader, about: ParseContext): ReadonlyMap<number, string> => {
  const out = new Map<number, string>();
  const entries = ipam.objects("provide") ?? [];
  // Read only when something is wanted of them: what other plugins of the chain make of them is theirs to say.
  const args = entries.some((e) => e.string("fromArg")) ? parsePairs(about.args) : new Map<string, string>();
  for (const entry of entries) {
    const code = optionOf(entry.value("option"), entry.path("option"));
    if (reserved.includes(code))
      throw badConfig(entry.path("option"), `${optionWords(code)} is the protocol's own and cannot be given`);
    const fromArg = entry.string("fromArg");
    const value = (fromArg && args.get(fromArg)) || entry.string("value") || "";
    const length = new TextEncoder().encode(value).length;
    if (length > longestValue)
      throw badConfig(entry.path("value"), `${optionWords(code)} takes ${longestValue} bytes at most, got ${length}`);
    if (value !== "") out.set(code, value);
  }
  return out;
};

const readRequest = (ipam: Reader): readonly number[] => {
  const entries = ipam.objects("request") ?? [];
  const skip = entries.some((e) => e.bool("skipDefault"));
  const asked = entries.flatMap((e) => {
    // An entry may be there for its skipDefault alone.
    const value = e.value("option");
    return value === undefined && e.bool("skipDefault") ? [] : [optionOf(value, e.path("option"))];
  });
  return [...new Set([...(skip ? [] : defaultRequest), ...asked])];
};
