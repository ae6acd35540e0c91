/** Values of keys, data and comparisons as the kernel keeps them: network order, but marks and indexes in the host's. */
import { type Ip, ipBytes } from "../../base/ip.ts";
import { type Mac, macBytes } from "../../base/mac.ts";
import type { KeyType } from "./types.ts";

interface TypeFacts {
  /** `nft`'s number of the type: it prints elements by it. */
  readonly id: number;
  readonly bytes: number;
  readonly order: "network" | "host";
}

export const keyTypes: { readonly [K in KeyType]: TypeFacts } = {
  ipv4_addr: { id: 7, bytes: 4, order: "network" },
  ipv6_addr: { id: 8, bytes: 16, order: "network" },
  ether_addr: { id: 9, bytes: 6, order: "network" },
  inet_proto: { id: 12, bytes: 1, order: "network" },
  inet_service: { id: 13, bytes: 2, order: "network" },
  mark: { id: 19, bytes: 4, order: "host" },
  iface_index: { id: 20, bytes: 4, order: "host" },
  ifname: { id: 41, bytes: 16, order: "host" },
};

/** IPPROTO_*. */
export const protocolNumbers = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;
export type ProtocolName = keyof typeof protocolNumbers;

export const ipKey = (ip: Ip): Uint8Array => ipBytes(ip);
export const macKey = (mac: Mac): Uint8Array => macBytes(mac);
export const portKey = (port: number): Uint8Array => Uint8Array.of(port >> 8, port & 255);
export const protocolKey = (name: ProtocolName): Uint8Array => Uint8Array.of(protocolNumbers[name]);
/** Four bytes in the host's order: marks, interface indexes, address types. */
export const wordKey = (n: number): Uint8Array => {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, n, true);
  return out;
};
/** IFNAMSIZ bytes, NUL-padded. */
export const ifnameKey = (name: string): Uint8Array => {
  const out = new Uint8Array(16);
  for (let i = 0; i < name.length; i++) out[i] = name.charCodeAt(i);
  return out;
};
