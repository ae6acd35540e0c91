/** Whether a port can be had on every address of a family: it is bound, and given back. */
import type { Family } from "../../base/ip.ts";
import { parseIp } from "../../base/ip.ts";
import { writeSockaddr } from "../codec/sockaddr.ts";
import { errnoName } from "./errno.ts";
import { bindSocket, closeSocket, openInetSocket, setReuseAddress, setV6Only } from "./inet-socket.ts";

const any = { 4: parseIp("0.0.0.0"), 6: parseIp("::") } as const;

/** Undefined when it can be; else the kernel's word: EADDRINUSE, EACCES, EAFNOSUPPORT. In the thread's namespace. */
export const tryBind = (protocol: "tcp" | "udp", family: Family, port: number): string | undefined => {
  const fd = openInetSocket(protocol, family);
  if (fd < 0) return errnoName(-fd);
  try {
    // What has just ended does not count, as servers have it; of UDP that would share the port with its holder.
    if (protocol === "tcp") setReuseAddress(fd);
    if (family === 6) setV6Only(fd);
    const r = bindSocket(fd, writeSockaddr({ ip: any[family], port }));
    return r < 0 ? errnoName(-r) : undefined;
  } finally {
    closeSocket(fd);
  }
};
