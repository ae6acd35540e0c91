/** Socket addresses: sockaddr_in and sockaddr_in6 (include/uapi/linux/in.h, in6.h). Pure. */
import { type Family, family, type Ip, ipBytes, ipFromBytes } from "../../base/ip.ts";
import { be16, u16, u32 } from "./codec.ts";

/** AF_INET, AF_INET6. */
export const afOf = { 4: 2, 6: 10 } as const satisfies Record<Family, number>;

export interface SocketAddress {
  readonly ip: Ip;
  readonly port: number;
  /** Index of the link, for a link-local IPv6 address. */
  readonly scope?: number;
}

/** Bytes that hold either kind, with room. */
export const sockaddrSize = 28;

export const writeSockaddr = ({ ip, port, scope = 0 }: SocketAddress): Uint8Array => {
  const f = family(ip);
  const out = new Uint8Array(f === 4 ? 16 : 28);
  out.set(u16.write(afOf[f]), 0);
  out.set(be16.write(port), 2);
  out.set(ipBytes(ip), f === 4 ? 4 : 8);
  if (f === 6) out.set(u32.write(scope), 24);
  return out;
};

/** Undefined for another address family, such as AF_UNSPEC where the kernel knows no address. */
export const readSockaddr = (b: Uint8Array): SocketAddress | undefined => {
  const af = u16.read(b);
  if (af === afOf[4]) return { ip: ipFromBytes(b.subarray(4, 8)), port: be16.read(b.subarray(2)) };
  if (af !== afOf[6]) return undefined;
  const scope = u32.read(b.subarray(24));
  return { ip: ipFromBytes(b.subarray(8, 24)), port: be16.read(b.subarray(2)), ...(scope ? { scope } : {}) };
};
