/**
 * AF_PACKET sockets that carry IPv4 packets of one link, the Ethernet header being the kernel's to make (packet(7),
 * SOCK_DGRAM): the way to speak on a link that has no address. Non-blocking; results are the kernel's.
 */
import type { Mac } from "../../base/mac.ts";
import { macBytes, macFromBytes } from "../../base/mac.ts";
import { be16, s32, u16, u64 } from "../codec/codec.ts";
import { addressOf, must, sys } from "./syscall.ts";

const AF_PACKET = 17;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 0x80802;
const ETH_P_IP = 0x0800;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;

/** struct sockaddr_ll: family, protocol, index, hatype, pkttype, halen, addr[8]. */
const sockaddr = (index: number, mac?: Mac): Uint8Array => {
  const out = new Uint8Array(20);
  out.set(u16.write(AF_PACKET), 0);
  out.set(be16.write(ETH_P_IP), 2);
  out.set(s32.write(index), 4);
  if (mac !== undefined) {
    const bytes = macBytes(mac);
    out[11] = bytes.length;
    out.set(bytes, 12);
  }
  return out;
};

/** In the namespace we are in now, on the link of that index; `filter` is a BPF program. @throws FaultError kernel, permission */
export const openPacketSocket = (index: number, filter: Uint8Array): number => {
  // No protocol yet, so that nothing is queued before the filter stands.
  const fd = must(sys("socket", AF_PACKET, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0), "open packet socket", "CAP_NET_RAW");
  try {
    const program = new Uint8Array(16);
    program.set(u16.write(filter.length / 8), 0);
    program.set(u64.write(addressOf(filter)), 8);
    const attached = sys("setsockopt", fd, SOL_SOCKET, SO_ATTACH_FILTER, program, program.length);
    must(attached, "filter packets");
    const to = sockaddr(index);
    must(sys("bind", fd, to, to.length), `listen on link ${index}`);
    return fd;
  } catch (error) {
    sys("close", fd);
    throw error;
  }
};

export const sendPacket = (fd: number, index: number, to: Mac, packet: Uint8Array): number => {
  const address = sockaddr(index, to);
  return sys("sendto", fd, packet, packet.length, 0, address, address.length);
};

const from = new Uint8Array(20);
const fromLength = new Uint8Array(4);

/** `n` is a count or minus errno; `mac` the sender's. */
export const receivePacket = (fd: number, into: Uint8Array): { readonly n: number; readonly mac?: Mac } => {
  fromLength[0] = from.length;
  const n = sys("recvfrom", fd, into, into.length, 0, from, fromLength);
  return n < 0 ? { n } : { n, mac: macFromBytes(from.subarray(12, 12 + Math.min(from[11] ?? 0, 8))) };
};
