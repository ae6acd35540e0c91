/** AF_NETLINK sockets: open (in any namespace), send, receive, options. Messages are made and read elsewhere. */
import { must, sys } from "./syscall.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0x80000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
/** linux/netlink.h: NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK. */
const option = { membership: 1, capAck: 10, extAck: 11, strict: 12 } as const;

/** NETLINK_*: the families we speak. */
export const netlinkFamily = { route: 0, sockDiag: 4, netfilter: 12, generic: 16 } as const;
export type NetlinkFamily = keyof typeof netlinkFamily;

const int = (n: number): Uint8Array => {
  const b = new Uint8Array(4);
  new DataView(b.buffer).setInt32(0, n, true);
  return b;
};

const setOption = (fd: number, level: number, name: number, value: number): number =>
  sys("setsockopt", fd, level, name, int(value), 4);

/** A bound netlink socket of the namespace we are in now, with extended acks and strict checking on. */
export const openNetlinkSocket = (family: NetlinkFamily): number => {
  const fd = must(sys("socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, netlinkFamily[family]), `open ${family} netlink`);
  setOption(fd, SOL_NETLINK, option.extAck, 1);
  setOption(fd, SOL_NETLINK, option.capAck, 1);
  setOption(fd, SOL_NETLINK, option.strict, 1);
  const address = new Uint8Array(12);
  new DataView(address.buffer).setUint16(0, AF_NETLINK, true);
  const bound = sys("bind", fd, address, address.length);
  if (bound < 0) sys("close", fd);
  must(bound, `bind ${family} netlink`);
  return fd;
};

/** Subscribes to a multicast group by number. */
export const joinGroup = (fd: number, group: number): number =>
  must(setOption(fd, SOL_NETLINK, option.membership, group), `join netlink group ${group}`);

/**
 * Asks for a receive buffer, in bytes (the kernel books twice as much). With CAP_NET_ADMIN it is given, else up to
 * net.core.rmem_max.
 */
export const setReceiveBuffer = (fd: number, bytes: number): number => {
  const forced = forceReceiveBuffer(fd, bytes);
  return forced < 0 ? setOption(fd, SOL_SOCKET, SO_RCVBUF, bytes) : forced;
};

/** The same, above net.core.rmem_max: gives -EPERM to one who is not network administrator of the socket's namespace. */
const forceReceiveBuffer = (fd: number, bytes: number): number => setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes);

const SO_SNDBUF = 7;
const SO_SNDBUFFORCE = 32;
/** Makes room for a large datagram, in bytes. */
export const setSendBuffer = (fd: number, bytes: number): number => {
  const forced = setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, bytes);
  return forced < 0 ? setOption(fd, SOL_SOCKET, SO_SNDBUF, bytes) : forced;
};

const SO_RCVTIMEO = 20;
/** Receiving gives EAGAIN after so many whole seconds without a datagram. */
export const setReceiveTimeout = (fd: number, seconds: number): number => {
  const timeval = new Uint8Array(16);
  new DataView(timeval.buffer).setBigInt64(0, BigInt(seconds), true);
  return must(sys("setsockopt", fd, SOL_SOCKET, SO_RCVTIMEO, timeval, timeval.length), "set receive timeout");
};

export const sendNetlink = (fd: number, b: Uint8Array): number => sys("sendto", fd, b, b.length, 0, null, 0);

const MSG_PEEK = 2;
const MSG_TRUNC = 0x20;
/** Waits for a datagram, leaves it in the queue and gives its length. */
export const peekNetlink = (fd: number): number => sys("recvfrom", fd, null, 0, MSG_PEEK | MSG_TRUNC, null, null);
/** Takes the next datagram and gives its length. */
export const receiveNetlink = (fd: number, b: Uint8Array): number => sys("recvfrom", fd, b, b.length, 0, null, null);

/** The same, but gives the datagram's length also when it is more than `b` takes; the rest is lost. */
export const receiveOrCut = (fd: number, b: Uint8Array): number =>
  sys("recvfrom", fd, b, b.length, MSG_TRUNC, null, null);

/**
 * Name of a link by its index (SIOCGIFNAME, netdevice(7)): any socket of the namespace may be asked, and it is not an
 * answer that would stand in the queue.
 */
export const linkNameOf = (fd: number, index: number): string | undefined => {
  const SIOCGIFNAME = 0x8910;
  const [IFNAMSIZ, ifreqSize] = [16, 40];
  const ifreq = new Uint8Array(ifreqSize);
  new DataView(ifreq.buffer).setInt32(IFNAMSIZ, index, true);
  if (sys("ioctl", fd, SIOCGIFNAME, ifreq) < 0) return undefined;
  const end = ifreq.indexOf(0);
  return new TextDecoder().decode(ifreq.subarray(0, end < 0 ? IFNAMSIZ : Math.min(end, IFNAMSIZ)));
};

export const closeFd = (fd: number): void => {
  sys("close", fd);
};
