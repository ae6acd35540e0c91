/** ARP for IPv4 over Ethernet (RFC 826), without the Ethernet header. Pure. */
import { type Ipv4, ipBytes, ipFromBytes } from "../../base/ip.ts";
import { type Mac, macBytes, macFromBytes } from "../../base/mac.ts";

const SIZE = 28;
/** htype Ethernet, ptype IPv4, lengths 6 and 4. */
const head = [0, 1, 8, 0, 6, 4];
export const ARP = { request: 1, reply: 2 } as const;

export interface Arp {
  readonly op: number;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetIp: Ipv4;
}

export const arp = {
  write: ({ op, senderMac, senderIp, targetIp }: Arp): Uint8Array => {
    const out = new Uint8Array(SIZE);
    out.set(head);
    out[7] = op;
    out.set(macBytes(senderMac), 8);
    out.set(ipBytes(senderIp), 14);
    out.set(ipBytes(targetIp), 24);
    return out;
  },
  /** Undefined for anything else than IPv4 over Ethernet. */
  read: (b: Uint8Array): Arp | undefined => {
    if (b.length < SIZE || head.some((byte, i) => b[i] !== byte)) return undefined;
    return {
      op: (b[6]! << 8) | b[7]!,
      senderMac: macFromBytes(b.subarray(8, 14)),
      senderIp: ipFromBytes(b.subarray(14, 18)) as Ipv4,
      targetIp: ipFromBytes(b.subarray(24, 28)) as Ipv4,
    };
  },
};
