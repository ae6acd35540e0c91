/** UDP over IPv4 as one packet, for sockets below both (RFC 791, RFC 768). Pure. */
import { concatBytes } from "../../base/bytes.ts";
import { ipBytes, ipFromBytes } from "../../base/ip.ts";
import { be16 } from "./codec.ts";
import { inetChecksum } from "./icmp.ts";
import type { SocketAddress } from "./sockaddr.ts";

export interface Datagram {
  readonly from: SocketAddress;
  readonly to: SocketAddress;
  readonly data: Uint8Array;
}

const UDP = 17;
const IP_HEADER = 20;
const UDP_HEADER = 8;
const HOPS = 64;
const fragmented = 0x3fff;

/** What the checksum covers besides the datagram itself. */
const pseudoHeader = (addresses: Uint8Array, length: number): Uint8Array =>
  concatBytes([addresses, Uint8Array.of(0, UDP), be16.write(length)]);

export const writeDatagram = ({ from, to, data }: Datagram): Uint8Array => {
  const length = UDP_HEADER + data.length;
  const out = new Uint8Array(IP_HEADER + length);
  out.set([0x45, 0]);
  out.set(be16.write(out.length), 2);
  out.set([HOPS, UDP], 8);
  out.set(ipBytes(from.ip), 12);
  out.set(ipBytes(to.ip), 16);
  out.set(be16.write(inetChecksum(out.subarray(0, IP_HEADER))), 10);
  const udp = out.subarray(IP_HEADER);
  udp.set(be16.write(from.port), 0);
  udp.set(be16.write(to.port), 2);
  udp.set(be16.write(length), 4);
  udp.set(data, UDP_HEADER);
  const sum = inetChecksum(concatBytes([pseudoHeader(out.subarray(12, 20), length), udp]));
  // Zero would say that there is none.
  udp.set(be16.write(sum || 0xffff), 6);
  return out;
};

/** Undefined for a fragment, for anything that is not UDP, and for what was damaged on the way. */
export const readDatagram = (b: Uint8Array): Datagram | undefined => {
  const header = ((b[0] ?? 0) & 15) * 4;
  if ((b[0] ?? 0) >> 4 !== 4 || header < IP_HEADER || b.length < header + UDP_HEADER || b[9] !== UDP) return undefined;
  if ((be16.read(b.subarray(6)) & fragmented) !== 0 || inetChecksum(b.subarray(0, header)) !== 0) return undefined;
  const udp = b.subarray(header);
  const length = be16.read(udp.subarray(4));
  if (length < UDP_HEADER || length > udp.length) return undefined;
  const whole = udp.subarray(0, length);
  if (!isWhole(b.subarray(12, 20), whole)) return undefined;
  return {
    from: { ip: ipFromBytes(b.subarray(12, 16)), port: be16.read(udp) },
    to: { ip: ipFromBytes(b.subarray(16, 20)), port: be16.read(udp.subarray(2)) },
    data: whole.subarray(UDP_HEADER),
  };
};

/**
 * None, right, or left for the card to finish: between two virtual interfaces there is no card, and a packet arrives with
 * the sum of the pseudo header alone.
 */
const isWhole = (addresses: Uint8Array, udp: Uint8Array): boolean => {
  const told = be16.read(udp.subarray(6));
  const pseudo = pseudoHeader(addresses, udp.length);
  if (told === 0 || inetChecksum(concatBytes([pseudo, udp])) === 0) return true;
  return told === (~inetChecksum(pseudo) & 0xffff);
};
