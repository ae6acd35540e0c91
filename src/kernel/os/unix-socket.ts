/** Stream sockets with a path (unix(7)). Results are the kernel's: a descriptor or count, or minus errno. */

import { concatBytes } from "../../base/bytes.ts";
import { FaultError } from "../../base/fault.ts";
import { u16 } from "../codec/codec.ts";
import { cstr, sys } from "./syscall.ts";

const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC = 0x80001;
const NONBLOCK = 0x800;
/** sizeof sun_path, the NUL included. */
const longest = 108;

const sockaddr = (path: string): Uint8Array => {
  const bytes = cstr(path);
  if (bytes.length <= longest) return concatBytes([u16.write(AF_UNIX), bytes]);
  const want = `at most ${longest - 1} bytes`;
  throw new FaultError({ kind: "bad-value", what: "socket path", got: `${path} (${bytes.length - 1} bytes)`, want });
};

/** Waits in each call that follows. */
export const connectUnix = (path: string): number => {
  const to = sockaddr(path);
  const fd = sys("socket", AF_UNIX, SOCK_STREAM_CLOEXEC, 0);
  if (fd < 0) return fd;
  const r = sys("connect", fd, to, to.length);
  if (r >= 0) return fd;
  sys("close", fd);
  return r;
};

/** A non-blocking listener whose file has these permission bits from the first moment on. */
export const listenUnix = (path: string, mode: number, backlog: number): number => {
  const at = sockaddr(path);
  const fd = sys("socket", AF_UNIX, SOCK_STREAM_CLOEXEC | NONBLOCK, 0);
  if (fd < 0) return fd;
  // The file gets the socket's own mode (unix_bind in net/unix/af_unix.c).
  const steps = [() => sys("fchmod", fd, mode), () => sys("bind", fd, at, at.length), () => sys("listen", fd, backlog)];
  for (const step of steps) {
    const r = step();
    if (r >= 0) continue;
    sys("close", fd);
    return r;
  }
  return fd;
};
