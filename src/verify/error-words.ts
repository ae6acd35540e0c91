/** A socket's error in words: the errno first, then who on the way said it. Pure. */
import type { SocketError } from "../kernel/codec/socket-error.ts";
import { errnoName } from "../kernel/os/errno.ts";

/** `size`: bytes of the packet that was sent, to be told when it did not fit. */
export const errorWords = (e: SocketError, size?: number): string => {
  const by = e.offender && e.origin === "icmp" ? `, says ${e.offender.ip}` : "";
  const name = errnoName(e.errno);
  return name === "EMSGSIZE" && size !== undefined
    ? `${name}: ${size} bytes do not fit, the path takes ${e.mtu}${by}`
    : `${name}${by}`;
};
