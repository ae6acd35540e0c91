/** What the client says in each state (RFC 2131 table 5), and what it makes of an ACK. Pure. */
import { concatBytes } from "../../../base/bytes.ts";
import { type Ip, ipBytes } from "../../../base/ip.ts";
import type { Mac } from "../../../base/mac.ts";
import { be16 } from "../../../kernel/codec/codec.ts";
import { type DhcpMessage, type MessageType, noIp, optionCode } from "../../../kernel/codec/dhcp/message.ts";
import { readIp, readU32 } from "../../../kernel/codec/dhcp/values.ts";
import type { Grant, Holder, Wants } from "./lease.ts";

/** The client that speaks. */
export interface Speaker {
  readonly mac: Mac;
  readonly wants: Wants;
  /** It cannot take unicast before it has an address. */
  readonly broadcast: boolean;
}

/** One conversation, told apart by its number. */
export interface Conversation {
  readonly xid: number;
  /** Seconds since it began. */
  readonly secs: number;
}

const longestClientId = 254;

/** As the reference makes it: type 0, then container, network and interface. */
export const clientIdOf = ({ containerId, network, ifname }: Holder): Uint8Array =>
  concatBytes([
    Uint8Array.of(0),
    new TextEncoder().encode(`${containerId}/${network}/${ifname}`).subarray(0, longestClientId),
  ]);

/** What an Ethernet of the usual MTU takes, so that long lists of routes need not be cut. */
const longestMessage = 1500;

interface Body {
  readonly ciaddr?: Ip;
  readonly options?: readonly (readonly [number, Uint8Array])[];
  /** True for what asks for something: then it says what. */
  readonly asks: boolean;
}

const speak = (type: MessageType, who: Speaker, c: Conversation, body: Body): DhcpMessage => ({
  type,
  xid: c.xid,
  secs: c.secs,
  broadcast: body.asks && who.broadcast && body.ciaddr === undefined,
  ciaddr: body.ciaddr ?? noIp,
  yiaddr: noIp,
  mac: who.mac,
  options: new Map([
    ...(body.options ?? []),
    // Of what is given only the identifier goes into messages that ask for nothing.
    ...[...who.wants.provide].filter(([code]) => body.asks || code === optionCode.clientId),
    ...(body.asks ? askFor(who.wants.request) : []),
  ]),
});

const askFor = (request: readonly number[]): [number, Uint8Array][] => [
  [optionCode.longestMessage, be16.write(longestMessage)],
  ...(request.length > 0 ? [[optionCode.wantedOptions, Uint8Array.from(request)] as [number, Uint8Array]] : []),
];

const wanted = (ip: Ip): readonly [number, Uint8Array] => [optionCode.wantedAddress, ipBytes(ip)];
const toServer = (ip: Ip): readonly [number, Uint8Array] => [optionCode.server, ipBytes(ip)];

/** `address`: one that it would like to have again. */
export const discover = (who: Speaker, c: Conversation, address?: Ip): DhcpMessage =>
  speak("DISCOVER", who, c, { asks: true, options: address ? [wanted(address)] : [] });

/** Takes an offer. */
export const request = (who: Speaker, c: Conversation, address: Ip, server: Ip): DhcpMessage =>
  speak("REQUEST", who, c, { asks: true, options: [wanted(address), toServer(server)] });

/** For longer: to the server that granted it while it is being renewed, to any when it is rebound. */
export const renew = (who: Speaker, c: Conversation, address: Ip): DhcpMessage =>
  speak("REQUEST", who, c, { asks: true, ciaddr: address });

export const release = (who: Speaker, c: Conversation, address: Ip, server: Ip): DhcpMessage =>
  speak("RELEASE", who, c, { asks: false, ciaddr: address, options: [toServer(server)] });

/** When the server does not say: the reference's. */
const defaultLease = 3600;
const forEver = 0xffffffff;

/** Undefined when it names no server or no address. `now` is when the request was sent: the lease counts from there. */
export const grantOf = (ack: DhcpMessage, serverMac: Mac, now: number): Grant | undefined => {
  const { options, yiaddr: address } = ack;
  const server = readIp(options.get(optionCode.server));
  if (server === undefined || address === noIp) return undefined;
  const told = readU32(options.get(optionCode.leaseTime)) ?? defaultLease;
  const lease = told === forEver ? Number.POSITIVE_INFINITY : told;
  const t1 = readU32(options.get(optionCode.renewTime)) ?? lease / 2;
  const t2 = readU32(options.get(optionCode.rebindTime)) ?? lease * 0.875;
  // Times out of their order are not believed (RFC 2131 section 4.4.5 gives these instead).
  const [renew, rebind] = t1 < t2 && t2 < lease ? [t1, t2] : [lease / 2, lease * 0.875];
  const at = (seconds: number): number => now + Math.round(seconds * 1000);
  return {
    address,
    server,
    serverMac,
    obtainedAt: now,
    renewAt: at(renew),
    rebindAt: at(rebind),
    expiresAt: at(lease),
    options,
  };
};
