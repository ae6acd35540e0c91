/** Whether a port can be had: it is bound, and given back. */
import { family, type Ip } from "../../base/ip.ts";
import { writeSockaddr } from "../codec/sockaddr.ts";
import { errnoName } from "./errno.ts";
import { bindSocket, closeSocket, openInetSocket, setReuseAddress, setV6Only } from "./inet-socket.ts";

/** At an address, or at all of a family (`0.0.0.0`, `::`). Undefined when it can be; else the kernel's word: EADDRINUSE, EACCES, EAFNOSUPPORT. In the thread's namespace. */
export const tryBind = (protocol: "tcp" | "udp", ip: Ip, port: number): string | undefined => {
  const fd = openInetSocket(protocol, family(ip));
  if (fd < 0) return errnoName(-fd);
  try {
    // What has just ended does not count, as servers have it; of UDP that would share the port with its holder.
    if (protocol === "tcp") setReuseAddress(fd);
    if (family(ip) === 6) setV6Only(fd);
    const r = bindSocket(fd, writeSockaddr({ ip, port }));
    return r < 0 ? errnoName(-r) : undefined;
  } finally {
    closeSocket(fd);
  }
};
