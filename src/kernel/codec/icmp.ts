/** ICMP and ICMPv6 echo (RFC 792, RFC 4443 section 4), and the checksum that IPv4's needs (RFC 1071). Pure. */
import type { Family } from "../../base/ip.ts";
import { be16 } from "./codec.ts";

/** Message types. */
export const echoTypes = {
  4: { request: 8, reply: 0 },
  6: { request: 128, reply: 129 },
} as const satisfies Record<Family, { request: number; reply: number }>;

export interface Echo {
  readonly type: "request" | "reply";
  readonly id: number;
  readonly seq: number;
  readonly data: Uint8Array;
}

const HEADER = 8;

/** One's complement of the one's complement sum of 16-bit words. */
export const inetChecksum = (b: Uint8Array): number => {
  let sum = 0;
  for (let i = 0; i < b.length; i += 2) sum += (b[i]! << 8) | (b[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};

/** The message. An IPv6 checksum covers addresses that only the kernel knows: it is left zero, raw sockets fill it in. */
export const writeEcho = (f: Family, { type, id, seq, data }: Echo): Uint8Array => {
  const out = new Uint8Array(HEADER + data.length);
  out[0] = echoTypes[f][type];
  out.set(be16.write(id), 4);
  out.set(be16.write(seq), 6);
  out.set(data, HEADER);
  if (f === 4) out.set(be16.write(inetChecksum(out)), 2);
  return out;
};

/** An echo as a raw socket gives it: with the IP header for IPv4, without for IPv6. Undefined for anything else. */
export const readEcho = (f: Family, packet: Uint8Array): Echo | undefined => {
  const at = f === 4 ? ((packet[0] ?? 0) & 0xf) * 4 : 0;
  const b = packet.subarray(at);
  if (b.length < HEADER) return undefined;
  const type = b[0] === echoTypes[f].request ? "request" : b[0] === echoTypes[f].reply ? "reply" : undefined;
  return type && { type, id: be16.read(b.subarray(4)), seq: be16.read(b.subarray(6)), data: b.subarray(HEADER) };
};
