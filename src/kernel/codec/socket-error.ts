/** What lies on a socket's error queue: sock_extended_err (include/uapi/linux/errqueue.h) inside a control message. Pure. */
import { s32, u32, u64 } from "./codec.ts";
import { readSockaddr, type SocketAddress } from "./sockaddr.ts";

export interface SocketError {
  readonly errno: number;
  /** `local`: our own stack said it; `icmp`: a host on the way did. */
  readonly origin: "local" | "icmp";
  /** ICMP's own, of either family; 0 when `local`. */
  readonly type: number;
  readonly code: number;
  /** Path MTU in bytes, with EMSGSIZE. */
  readonly mtu: number;
  /** Who said it. */
  readonly offender?: SocketAddress;
}

const SO_EE_ORIGIN_LOCAL = 1;
/** size_t cmsg_len, int cmsg_level, int cmsg_type. */
const CMSG_HEADER = 16;
const EXTENDED_ERR = 16;
/** SOL_IP + IP_RECVERR, SOL_IPV6 + IPV6_RECVERR. */
const isError = (level: number, type: number): boolean => (level === 0 && type === 11) || (level === 41 && type === 25);

/** The first error in the control bytes of a `recvmsg` with MSG_ERRQUEUE. */
export const readSocketError = (control: Uint8Array): SocketError | undefined => {
  for (let at = 0; at + CMSG_HEADER + EXTENDED_ERR <= control.length; ) {
    const length = Number(u64.read(control.subarray(at)));
    const b = control.subarray(at + CMSG_HEADER, at + length);
    if (length < CMSG_HEADER) return undefined;
    if (isError(s32.read(control.subarray(at + 8)), s32.read(control.subarray(at + 12)))) {
      const offender = b.length >= EXTENDED_ERR + 16 ? readSockaddr(b.subarray(EXTENDED_ERR)) : undefined;
      return {
        errno: u32.read(b),
        origin: b[4] === SO_EE_ORIGIN_LOCAL ? "local" : "icmp",
        type: b[5] ?? 0,
        code: b[6] ?? 0,
        mtu: u32.read(b.subarray(8)),
        ...(offender ? { offender } : {}),
      };
    }
    at += (length + 7) & ~7;
  }
  return undefined;
};
