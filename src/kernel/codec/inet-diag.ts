/** Sockets of the kernel over NETLINK_SOCK_DIAG (linux/inet_diag.h): struct inet_diag_req_v2 and inet_diag_msg. */
import { type Ip, ipFromBytes } from "../../base/ip.ts";
import { splitAttrs } from "./attrs.ts";
import { be16, type Fixed, u8, u32 } from "./codec.ts";
import { struct } from "./struct.ts";

/** SOCK_DIAG_BY_FAMILY */
export const SOCK_DIAG = 20;
/** 1 << TCP_*: states of sockets; an unconnected UDP socket is closed. */
export const socketStates = { established: 1 << 1, close: 1 << 7, listen: 1 << 10 } as const;

const bytes = (size: number): Fixed<Uint8Array> => {
  const get = (v: DataView, at: number): Uint8Array => new Uint8Array(v.buffer, v.byteOffset + at, size).slice();
  const put = (v: DataView, at: number, value: Uint8Array): void =>
    new Uint8Array(v.buffer, v.byteOffset + at, size).set(value);
  return {
    size,
    get,
    put,
    read: (b) => b.slice(0, size),
    write: (value) => {
      const out = new Uint8Array(size);
      out.set(value);
      return out;
    },
  };
};

const id = { sport: be16, dport: be16, src: bytes(16), dst: bytes(16), link: u32, cookie: bytes(8) } as const;

export const diagRequest = struct({ family: u8, protocol: u8, extensions: u8, _pad: u8, states: u32, ...id });
const diagMessage = struct({
  family: u8,
  state: u8,
  timer: u8,
  retrans: u8,
  ...id,
  expires: u32,
  receiveQueue: u32,
  sendQueue: u32,
  uid: u32,
  inode: u32,
});

export interface DiagMessage {
  readonly family: 4 | 6;
  readonly src: Ip;
  readonly sport: number;
  readonly uid: number;
  readonly inode: number;
  /** Of a listener of IPv6: it has no IPv4 (IPV6_V6ONLY). */
  readonly v6only: boolean;
}

const INET_DIAG_SKV6ONLY = 11;

/** AF_INET and AF_INET6. */
export const diagFamily = { 4: 2, 6: 10 } as const;

export const readDiag = (b: Uint8Array): DiagMessage => {
  const { family, src, sport, uid, inode } = diagMessage.read(b);
  const short = family === diagFamily[4];
  const v6only = splitAttrs(b.subarray(diagMessage.size)).find((a) => a.type === INET_DIAG_SKV6ONLY)?.data[0] === 1;
  return { v6only, family: short ? 4 : 6, src: ipFromBytes(short ? src.subarray(0, 4) : src), sport, uid, inode };
};
