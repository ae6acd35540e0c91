/** May we change the network of the namespace that we run in? Tried on a socket of our own, which changes nothing else. */
import { errnoOf } from "../os/errno.ts";
import { closeFd, forceReceiveBuffer, openNetlinkSocket } from "../os/netlink-socket.ts";
import { must } from "../os/syscall.ts";
import { no, probe, yes } from "./answer.ts";

export const netAdminProbe = probe("CAP_NET_ADMIN", () => {
  const fd = openNetlinkSocket("route");
  try {
    // SO_RCVBUFFORCE asks for the capability over the network namespace, as rtnetlink does.
    const r = forceReceiveBuffer(fd, 64 * 1024);
    if (r === -(errnoOf("EPERM") ?? 0)) return no("CAP_NET_ADMIN: run as root, or with that capability");
    must(r, "set receive buffer");
    return yes;
  } finally {
    closeFd(fd);
  }
});
