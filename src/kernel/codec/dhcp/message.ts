/** DHCP messages (RFC 2131 section 2; options as RFC 2132, split and overloaded ones as RFC 3396 have them). Pure. */
import { concatBytes } from "../../../base/bytes.ts";
import { type Ip, ipBytes, ipFromBytes } from "../../../base/ip.ts";
import { type Mac, macBytes, macFromBytes } from "../../../base/mac.ts";
import { be16, be32 } from "../codec.ts";

/** Value of option 53. */
export const messageTypes = {
  DISCOVER: 1,
  OFFER: 2,
  REQUEST: 3,
  DECLINE: 4,
  ACK: 5,
  NAK: 6,
  RELEASE: 7,
} as const;
export type MessageType = keyof typeof messageTypes;

/** Option codes that we write or read; the rest pass as numbers. */
export const optionCode = {
  subnetMask: 1,
  routers: 3,
  nameServers: 6,
  hostName: 12,
  domainName: 15,
  mtu: 26,
  staticRoutes: 33,
  wantedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  server: 54,
  wantedOptions: 55,
  message: 56,
  longestMessage: 57,
  renewTime: 58,
  rebindTime: 59,
  vendorClass: 60,
  clientId: 61,
  userClass: 77,
  domainSearch: 119,
  classlessRoutes: 121,
} as const;

export const noIp = "0.0.0.0" as Ip;

export type DhcpOptions = ReadonlyMap<number, Uint8Array>;

export interface DhcpMessage {
  readonly type: MessageType;
  /** Random number by which an answer is known. */
  readonly xid: number;
  /** Since the client began. */
  readonly secs: number;
  /** The client cannot take unicast before it has an address. */
  readonly broadcast: boolean;
  /** The client's address, when it has and uses one. */
  readonly ciaddr: Ip;
  /** The address that the server gives. */
  readonly yiaddr: Ip;
  readonly mac: Mac;
  /** Without the message's type. */
  readonly options: DhcpOptions;
}

/** op, htype, hlen, hops, xid, secs, flags, four addresses, chaddr[16], sname[64], file[128]. */
const place = { xid: 4, secs: 8, flags: 10, ciaddr: 12, yiaddr: 16, mac: 28, sname: 44, file: 108, cookie: 236 };
const cookie = 0x63825363;
const firstOption = 240;
/** BOOTP's length (RFC 1542 section 2.1): some relays drop what is shorter. */
const shortest = 300;
const ETHERNET = 1;
const BROADCAST = 0x8000;
const PAD = 0;
const END = 255;

const fromClient = (type: MessageType): boolean => type !== "OFFER" && type !== "ACK" && type !== "NAK";

export const writeMessage = (m: DhcpMessage): Uint8Array => {
  const head = new Uint8Array(firstOption);
  head.set([fromClient(m.type) ? 1 : 2, ETHERNET, 6, 0]);
  head.set(be32.write(m.xid), place.xid);
  head.set(be16.write(Math.min(m.secs, 0xffff)), place.secs);
  head.set(be16.write(m.broadcast ? BROADCAST : 0), place.flags);
  head.set(ipBytes(m.ciaddr), place.ciaddr);
  head.set(ipBytes(m.yiaddr), place.yiaddr);
  head.set(macBytes(m.mac), place.mac);
  head.set(be32.write(cookie), place.cookie);
  const parts = [head, option(optionCode.messageType, Uint8Array.of(messageTypes[m.type]))];
  for (const [code, value] of m.options) parts.push(option(code, value));
  parts.push(Uint8Array.of(END));
  const all = concatBytes(parts);
  if (all.length >= shortest) return all;
  const padded = new Uint8Array(shortest);
  padded.set(all);
  return padded;
};

/** In pieces of 255 bytes, which the reader joins. */
const option = (code: number, value: Uint8Array): Uint8Array => {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < value.length; at += 255) {
    const piece = value.subarray(at, at + 255);
    pieces.push(Uint8Array.of(code, piece.length), piece);
  }
  return concatBytes(pieces);
};

/** Undefined for anything that is no whole DHCP message for Ethernet. */
export const readMessage = (b: Uint8Array): DhcpMessage | undefined => {
  if (b.length < firstOption || be32.read(b.subarray(place.cookie)) !== cookie) return undefined;
  if (b[1] !== ETHERNET || b[2] !== 6) return undefined;
  const found = new Map<number, Uint8Array>();
  if (!readOptions(b.subarray(firstOption), found)) return undefined;
  const overload = found.get(optionCode.overload)?.[0] ?? 0;
  if (overload & 1 && !readOptions(b.subarray(place.file, place.cookie), found)) return undefined;
  if (overload & 2 && !readOptions(b.subarray(place.sname, place.file), found)) return undefined;
  const type = typeOf(found.get(optionCode.messageType)?.[0]);
  if (!type || b[0] !== (fromClient(type) ? 1 : 2)) return undefined;
  found.delete(optionCode.messageType);
  found.delete(optionCode.overload);
  const ip = (at: number): Ip => ipFromBytes(b.subarray(at, at + 4));
  return {
    type,
    xid: be32.read(b.subarray(place.xid)),
    secs: be16.read(b.subarray(place.secs)),
    broadcast: (be16.read(b.subarray(place.flags)) & BROADCAST) !== 0,
    ciaddr: ip(place.ciaddr),
    yiaddr: ip(place.yiaddr),
    mac: macFromBytes(b.subarray(place.mac, place.mac + 6)),
    options: found,
  };
};

const typeOf = (value: number | undefined): MessageType | undefined => {
  for (const name in messageTypes) if (messageTypes[name as MessageType] === value) return name as MessageType;
  return undefined;
};

/** False when an option says that it is longer than what is left. */
const readOptions = (b: Uint8Array, into: Map<number, Uint8Array>): boolean => {
  for (let at = 0; at < b.length; ) {
    const code = b[at]!;
    if (code === END) return true;
    if (code === PAD) {
      at++;
      continue;
    }
    const length = b[at + 1];
    if (length === undefined || at + 2 + length > b.length) return false;
    const value = b.slice(at + 2, at + 2 + length);
    const before = into.get(code);
    into.set(code, before ? concatBytes([before, value]) : value);
    at += 2 + length;
  }
  return true;
};
