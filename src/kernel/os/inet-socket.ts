/**
 * TCP, UDP and raw sockets, non-blocking. Results are the kernel's: a count or descriptor, or minus errno. A socket
 * belongs to the namespace in which it is opened and works from anywhere afterwards.
 */
import type { Family } from "../../base/ip.ts";
import { echoTypes } from "../codec/icmp.ts";
import { afOf, readSockaddr, type SocketAddress, sockaddrSize } from "../codec/sockaddr.ts";
import { readSocketError, type SocketError } from "../codec/socket-error.ts";
import { addressOf, sys } from "./syscall.ts";

export type InetKind = "tcp" | "udp" | "icmp";

const SOCK = { tcp: 1, udp: 2, icmp: 3 } as const;
const NONBLOCK_CLOEXEC = 0x80800;
const ICMP_PROTOCOL = { 4: 1, 6: 58 } as const;
const MSG_ERRQUEUE = 0x2000;
const MSG_NOSIGNAL = 0x4000;

export const openInetSocket = (kind: InetKind, family: Family): number =>
  sys("socket", afOf[family], SOCK[kind] | NONBLOCK_CLOEXEC, kind === "icmp" ? ICMP_PROTOCOL[family] : 0);

/** A socket of an IP protocol: sends its payload, and is given a copy of every such packet that comes in. CAP_NET_RAW */
export const openRawSocket = (protocol: number, family: Family): number =>
  sys("socket", afOf[family], SOCK.icmp | NONBLOCK_CLOEXEC, protocol);

const words = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);
const set = (fd: number, level: number, name: number, value: Uint8Array): number =>
  sys("setsockopt", fd, level, name, value, value.length);

const resetOnClose = words(1, 0);
/** SO_LINGER 0: closing sends a reset, so that nothing stays in TIME-WAIT. */
export const setResetOnClose = (fd: number): number => set(fd, 1, 13, resetOnClose);

/** SO_REUSEADDR: a listener may take the port of connections that are only waiting to be forgotten. */
export const setReuseAddress = (fd: number): number => set(fd, 1, 2, words(1));

/** TCP_DEFER_ACCEPT: a connection is ready to accept when its first bytes are there. */
export const setDeferAccept = (fd: number, seconds: number): number => set(fd, 6, 9, words(seconds));

/** IPV6_V6ONLY: an IPv6 socket that leaves the port to IPv4's own. */
export const setV6Only = (fd: number): number => set(fd, 41, 26, words(1));

/** IP_RECVERR: ICMP errors about any destination are kept, to be read by `receiveError`. */
export const setKeepErrors = (fd: number, family: Family): number =>
  family === 4 ? set(fd, 0, 11, words(1)) : set(fd, 41, 25, words(1));

/**
 * Never fragment, and go by the link's MTU, not by what was once learnt about the path: IP_MTU_DISCOVER PROBE
 * (and IPV6_DONTFRAG). With DO, an entry that is minutes old would be blamed on a path that has been mended.
 */
export const setNoFragments = (fd: number, family: Family): number =>
  family === 4 ? set(fd, 0, 10, words(3)) : Math.min(set(fd, 41, 23, words(3)), set(fd, 41, 62, words(1)));

/** ICMP_FILTER, ICMP6_FILTER: a raw socket that is given echo requests and replies only. A set bit blocks. */
export const setEchoOnly = (fd: number, family: Family): number => {
  const { request, reply } = echoTypes[family];
  const blocked = new Uint8Array(family === 4 ? 4 : 32).fill(0xff);
  for (const type of [request, reply]) blocked[type >> 3]! &= ~(1 << (type & 7));
  return set(fd, family === 4 ? 255 : 58, 1, blocked);
};

export const bindSocket = (fd: number, sockaddr: Uint8Array): number => sys("bind", fd, sockaddr, sockaddr.length);
export const listenSocket = (fd: number, backlog: number): number => sys("listen", fd, backlog);
export const connectSocket = (fd: number, sockaddr: Uint8Array): number =>
  sys("connect", fd, sockaddr, sockaddr.length);
export const closeSocket = (fd: number): number => sys("close", fd);

/** To the peer, or to `sockaddr`. */
export const sendBytes = (fd: number, b: Uint8Array, sockaddr?: Uint8Array): number =>
  sys("sendto", fd, b, b.length, MSG_NOSIGNAL, sockaddr ?? null, sockaddr?.length ?? 0);

// One address buffer for all calls: they are synchronous, and it is read before the next.
const name = new Uint8Array(sockaddrSize);
const nameLength = new Uint32Array(1);
const nameLengthBytes = new Uint8Array(nameLength.buffer);
const freshName = (): Uint8Array => {
  nameLength[0] = name.length;
  return name;
};

export interface From {
  /** Bytes or descriptor; minus errno on failure, and then there is no `from`. */
  readonly n: number;
  readonly from?: SocketAddress | undefined;
  /** The same as bytes, to answer to; valid until the next call. */
  readonly sockaddr?: Uint8Array;
}

const named = (n: number): From =>
  n < 0 ? { n } : { n, from: readSockaddr(name), sockaddr: name.subarray(0, nameLength[0]) };

export const receiveBytes = (fd: number, into: Uint8Array): number =>
  sys("recvfrom", fd, into, into.length, 0, null, null);
export const receiveFrom = (fd: number, into: Uint8Array): From =>
  named(sys("recvfrom", fd, into, into.length, 0, freshName(), nameLengthBytes));
/** The next connection: `n` is its descriptor, non-blocking. */
export const acceptSocket = (fd: number): From =>
  named(sys("accept4", fd, freshName(), nameLengthBytes, NONBLOCK_CLOEXEC));

/** The port that the kernel chose; 0 when the socket has none. */
export const localPort = (fd: number): number =>
  sys("getsockname", fd, freshName(), nameLengthBytes) < 0 ? 0 : (readSockaddr(name)?.port ?? 0);

const control = new Uint8Array(512);
const quoted = new Uint8Array(64);
const iovec = new BigUint64Array(2);
const header = new Uint8Array(56);
const headerView = new DataView(header.buffer);

/** Takes one error off the queue, with the destination that it is about; undefined when there is none. */
export const receiveError = (fd: number): (SocketError & { to?: SocketAddress | undefined }) | undefined => {
  iovec[0] = addressOf(quoted);
  iovec[1] = BigInt(quoted.length);
  // struct msghdr: name, namelen, iov, iovlen, control, controllen, flags
  headerView.setBigUint64(0, addressOf(freshName()), true);
  headerView.setUint32(8, name.length, true);
  headerView.setBigUint64(16, addressOf(new Uint8Array(iovec.buffer)), true);
  headerView.setBigUint64(24, 1n, true);
  headerView.setBigUint64(32, addressOf(control), true);
  headerView.setBigUint64(40, BigInt(control.length), true);
  if (sys("recvmsg", fd, header, MSG_ERRQUEUE) < 0) return undefined;
  const error = readSocketError(control.subarray(0, Number(headerView.getBigUint64(40, true))));
  return error && { ...error, to: readSockaddr(name) };
};

const tcpInfo = new Uint8Array(104);
const tcpInfoLength = new Uint32Array(1);

/** Microseconds of a connection's round trip, as the kernel measured it (struct tcp_info, tcpi_rtt). */
export const roundTrip = (fd: number): number | undefined => {
  const [IPPROTO_TCP, TCP_INFO, rttAt] = [6, 11, 68];
  tcpInfoLength[0] = tcpInfo.length;
  if (sys("getsockopt", fd, IPPROTO_TCP, TCP_INFO, tcpInfo, new Uint8Array(tcpInfoLength.buffer)) < 0) return undefined;
  return new DataView(tcpInfo.buffer).getUint32(rttAt, true);
};
